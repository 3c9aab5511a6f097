// First: az webapp identity assign --name front --resource-group shop; then deploy with: az deployment group create --resource-group shop --template-file setup.bicep

resource host 'Microsoft.Web/sites@2023-12-01' existing = {
  name: 'front'
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
        objectId: host.identity.principalId
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
