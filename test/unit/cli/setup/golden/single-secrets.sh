az account set --subscription 7c1a5a0c-7d2e-4bb0-9a43-35c6f3f7d0a1

# The identity
az identity create --name shop --resource-group shop --location westeurope

# The ServiceAccount whose token stands for it
az identity federated-credential create --name shop-shop --identity-name shop \
  --resource-group shop --issuer https://oidc.example.com/a/ \
  --subject system:serviceaccount:shop:shop --audiences api://AzureADTokenExchange

# What it may read
az role assignment create --role 'Key Vault Secrets User' \
  --assignee-object-id "$(az identity show --name shop --resource-group shop --query principalId --output tsv)" \
  --assignee-principal-type ServicePrincipal \
  --scope "$(az keyvault show --name shop-prod --query id --output tsv)"/secrets/db-password
az role assignment create --role 'Key Vault Secrets User' \
  --assignee-object-id "$(az identity show --name shop --resource-group shop --query principalId --output tsv)" \
  --assignee-principal-type ServicePrincipal \
  --scope "$(az keyvault show --name shop-prod --query id --output tsv)"/secrets/api-key

# What the ServiceAccount says of it
kubectl annotate serviceaccount shop --namespace shop --overwrite \
  azure.workload.identity/client-id="$(az identity show --name shop --resource-group shop --query clientId --output tsv)"
