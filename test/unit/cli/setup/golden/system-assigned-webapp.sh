# The identity of the host
az webapp identity assign --name front --resource-group shop

# What it may read
az keyvault set-policy --name shop-prod \
  --object-id "$(az webapp identity show --name front --resource-group shop --query principalId --output tsv)" \
  --secret-permissions get list
