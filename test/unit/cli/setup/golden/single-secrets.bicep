// Deploy with: az deployment group create --resource-group shop --template-file setup.bicep \
//   --subscription 7c1a5a0c-7d2e-4bb0-9a43-35c6f3f7d0a1

@description('Where the identity is made.')
param location string = 'westeurope'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'shop'
  location: location
}

resource federatedCredential 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: identity
  name: 'shop-shop'
  properties: {
    issuer: 'https://oidc.example.com/a/'
    subject: 'system:serviceaccount:shop:shop'
    audiences: [
      'api://AzureADTokenExchange'
    ]
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: 'shop-prod'
}

resource secret0 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {
  parent: vault
  name: 'db-password'
}

resource roleAssignment0 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: secret0
  name: guid(secret0.id, identity.id, '4633458b-17de-408a-b874-0445c86b69e6')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource secret1 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {
  parent: vault
  name: 'api-key'
}

resource roleAssignment1 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: secret1
  name: guid(secret1.id, identity.id, '4633458b-17de-408a-b874-0445c86b69e6')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

output clientId string = identity.properties.clientId

output annotate string = 'kubectl annotate serviceaccount shop --namespace shop --overwrite azure.workload.identity/client-id=${identity.properties.clientId}'
