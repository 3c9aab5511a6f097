$ErrorActionPreference = 'Stop'

# The identity of the host
$target = Get-AzVM -Name 'build' -ResourceGroupName 'build'
if ($target.Identity.UserAssignedIdentities) { throw 'The host has identities that this would take away: use the commands of --as az, which add one.' }
Update-AzVM -ResourceGroupName 'build' -VM $target -IdentityType SystemAssigned | Out-Null
$principalId = (Get-AzVM -Name 'build' -ResourceGroupName 'build').Identity.PrincipalId

# What it may read
New-AzRoleAssignment -ObjectId $principalId -ObjectType ServicePrincipal `
  -RoleDefinitionName 'Key Vault Secrets User' -Scope (Get-AzKeyVault -VaultName 'shop-prod').ResourceId
