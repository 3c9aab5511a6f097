$ErrorActionPreference = 'Stop'

# The identity
$identity = New-AzUserAssignedIdentity -Name 'shop' -ResourceGroupName 'shop' -Location (Get-AzResourceGroup -Name 'shop').Location

# The ServiceAccount whose token stands for it
New-AzFederatedIdentityCredential -Name 'shop-shop' -IdentityName 'shop' `
  -ResourceGroupName 'shop' -Issuer (Get-AzResource -ResourceType 'Microsoft.ContainerService/managedClusters' -Name 'aks' -ResourceGroupName 'aks' -ExpandProperties).Properties.oidcIssuerProfile.issuerURL `
  -Subject 'system:serviceaccount:shop:shop' -Audience @('api://AzureADTokenExchange')

# What it may read
New-AzRoleAssignment -ObjectId $identity.PrincipalId -ObjectType ServicePrincipal `
  -RoleDefinitionName 'Key Vault Secrets User' -Scope (Get-AzKeyVault -VaultName 'shop-prod').ResourceId

# What the ServiceAccount says of it
kubectl annotate serviceaccount 'shop' --namespace 'shop' --overwrite `
  "azure.workload.identity/client-id=$($identity.ClientId)"
