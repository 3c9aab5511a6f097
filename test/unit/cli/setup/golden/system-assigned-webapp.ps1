$ErrorActionPreference = 'Stop'

# The identity of the host
$target = Get-AzWebApp -Name 'front' -ResourceGroupName 'shop'
if ($target.Identity.UserAssignedIdentities) { throw 'The host has identities that this would take away: use the commands of --as az, which add one.' }
Set-AzWebApp -Name 'front' -ResourceGroupName 'shop' -AssignIdentity $true | Out-Null
$principalId = (Get-AzWebApp -Name 'front' -ResourceGroupName 'shop').Identity.PrincipalId

# What it may read
Set-AzKeyVaultAccessPolicy -VaultName 'shop-prod' -ObjectId $principalId `
  -PermissionsToSecrets get, list -BypassObjectIdValidation
