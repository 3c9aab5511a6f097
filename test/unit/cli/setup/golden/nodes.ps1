$ErrorActionPreference = 'Stop'

# The identity
$identity = New-AzUserAssignedIdentity -Name 'nodes' -ResourceGroupName 'shop' -Location (Get-AzResourceGroup -Name 'shop').Location

# The host that has it
$target = Get-AzVmss -ResourceGroupName 'MC_shop_aks_westeurope' -VMScaleSetName 'aks-pool-1'
if ($target.Identity) { throw 'The host has identities that this would take away: use the commands of --as az, which add one.' }
Update-AzVmss -ResourceGroupName 'MC_shop_aks_westeurope' -VMScaleSetName 'aks-pool-1' -IdentityType UserAssigned -IdentityId $identity.Id | Out-Null

# What it may read
New-AzRoleAssignment -ObjectId $identity.PrincipalId -ObjectType ServicePrincipal `
  -RoleDefinitionName 'Key Vault Secrets User' -Scope (Get-AzKeyVault -VaultName 'shop-prod').ResourceId
