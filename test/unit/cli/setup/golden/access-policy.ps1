$ErrorActionPreference = 'Stop'

# The identity
$identity = Get-AzUserAssignedIdentity -Name 'shop' -ResourceGroupName 'identities'

# The ServiceAccount whose token stands for it
New-AzFederatedIdentityCredential -Name 'shop-shop' -IdentityName 'shop' `
  -ResourceGroupName 'identities' -Issuer (Get-AzResource -ResourceType 'Microsoft.ContainerService/managedClusters' -Name 'aks' -ResourceGroupName 'aks' -ExpandProperties).Properties.oidcIssuerProfile.issuerURL `
  -Subject 'system:serviceaccount:shop:shop' -Audience @('api://AzureADTokenExchange')

# What it may read
Set-AzKeyVaultAccessPolicy -VaultName 'shop-prod' -ObjectId $identity.PrincipalId `
  -PermissionsToSecrets get, list -BypassObjectIdValidation

# What the ServiceAccount says of it
kubectl annotate serviceaccount 'shop' --namespace 'shop' --overwrite `
  "azure.workload.identity/client-id=$($identity.ClientId)"
