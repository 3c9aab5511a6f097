# The host that has it
az functionapp identity assign --name orders --resource-group shop \
  --identities "$(az identity show --name shop --resource-group shop --query id --output tsv)"

# What it may read
az role assignment create --role 'Key Vault Secrets User' \
  --assignee-object-id "$(az identity show --name shop --resource-group shop --query principalId --output tsv)" \
  --assignee-principal-type ServicePrincipal \
  --scope "$(az keyvault show --name shop-prod --query id --output tsv)"
