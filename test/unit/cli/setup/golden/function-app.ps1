$ErrorActionPreference = 'Stop'

# The identity
$identity = Get-AzUserAssignedIdentity -Name 'shop' -ResourceGroupName 'shop'

# The host that has it
$target = Get-AzWebApp -Name 'orders' -ResourceGroupName 'shop'
if ($target.Identity) { throw 'The host has identities that this would take away: use the commands of --as az, which add one.' }
Update-AzFunctionApp -Name 'orders' -ResourceGroupName 'shop' -Force -IdentityType UserAssigned -IdentityId $identity.Id | Out-Null

# What it may read
New-AzRoleAssignment -ObjectId $identity.PrincipalId -ObjectType ServicePrincipal `
  -RoleDefinitionName 'Key Vault Secrets User' -Scope (Get-AzKeyVault -VaultName 'shop-prod').ResourceId
