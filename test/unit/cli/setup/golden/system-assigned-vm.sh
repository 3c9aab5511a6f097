# The identity of the host
az vm identity assign --name build --resource-group build

# What it may read
az role assignment create --role 'Key Vault Secrets User' \
  --assignee-object-id "$(az vm identity show --name build --resource-group build --query principalId --output tsv)" \
  --assignee-principal-type ServicePrincipal \
  --scope "$(az keyvault show --name shop-prod --query id --output tsv)"
