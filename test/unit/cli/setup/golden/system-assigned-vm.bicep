// First: az vm identity assign --name build --resource-group build; then deploy with: az deployment group create --resource-group shop --template-file setup.bicep

resource host 'Microsoft.Compute/virtualMachines@2024-07-01' existing = {
  name: 'build'
  scope: resourceGroup('build')
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: 'shop-prod'
}

resource roleAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, host.id, '4633458b-17de-408a-b874-0445c86b69e6')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
    principalId: host.identity.principalId
    principalType: 'ServicePrincipal'
  }
}
