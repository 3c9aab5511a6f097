$ErrorActionPreference = 'Stop'

Set-AzContext -Subscription '7c1a5a0c-7d2e-4bb0-9a43-35c6f3f7d0a1'

# The identity
$identity = New-AzUserAssignedIdentity -Name 'shop' -ResourceGroupName 'shop' -Location 'westeurope'

# The ServiceAccount whose token stands for it
New-AzFederatedIdentityCredential -Name 'shop-shop' -IdentityName 'shop' `
  -ResourceGroupName 'shop' -Issuer 'https://oidc.example.com/a/' `
  -Subject 'system:serviceaccount:shop:shop' -Audience @('api://AzureADTokenExchange')

# What it may read
New-AzRoleAssignment -ObjectId $identity.PrincipalId -ObjectType ServicePrincipal `
  -RoleDefinitionName 'Key Vault Secrets User' -Scope ((Get-AzKeyVault -VaultName 'shop-prod').ResourceId + '/secrets/db-password')
New-AzRoleAssignment -ObjectId $identity.PrincipalId -ObjectType ServicePrincipal `
  -RoleDefinitionName 'Key Vault Secrets User' -Scope ((Get-AzKeyVault -VaultName 'shop-prod').ResourceId + '/secrets/api-key')

# What the ServiceAccount says of it
kubectl annotate serviceaccount 'shop' --namespace 'shop' --overwrite `
  "azure.workload.identity/client-id=$($identity.ClientId)"
