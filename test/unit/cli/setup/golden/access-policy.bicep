// Deploy with: az deployment group create --resource-group identities --template-file setup.bicep

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: 'shop'
}

resource cluster 'Microsoft.ContainerService/managedClusters@2024-02-01' existing = {
  name: 'aks'
  scope: resourceGroup('aks')
}

resource federatedCredential 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: identity
  name: 'shop-shop'
  properties: {
    issuer: cluster.properties.oidcIssuerProfile.issuerURL
    subject: 'system:serviceaccount:shop:shop'
    audiences: [
      'api://AzureADTokenExchange'
    ]
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: 'shop-prod'
}

resource accessPolicies 'Microsoft.KeyVault/vaults/accessPolicies@2023-07-01' = {
  parent: vault
  name: 'add'
  properties: {
    accessPolicies: [
      {
        tenantId: subscription().tenantId
        objectId: identity.properties.principalId
        permissions: {
          secrets: [
            'get'
            'list'
          ]
        }
      }
    ]
  }
}

output clientId string = identity.properties.clientId

output annotate string = 'kubectl annotate serviceaccount shop --namespace shop --overwrite azure.workload.identity/client-id=${identity.properties.clientId}'
