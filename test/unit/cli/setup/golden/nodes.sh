# The identity
az identity create --name nodes --resource-group shop

# The host that has it
az vmss identity assign --name aks-pool-1 --resource-group MC_shop_aks_westeurope \
  --identities "$(az identity show --name nodes --resource-group shop --query id --output tsv)"

# What it may read
az role assignment create --role 'Key Vault Secrets User' \
  --assignee-object-id "$(az identity show --name nodes --resource-group shop --query principalId --output tsv)" \
  --assignee-principal-type ServicePrincipal \
  --scope "$(az keyvault show --name shop-prod --query id --output tsv)"
