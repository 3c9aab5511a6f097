# The identity
az identity create --name shop --resource-group shop

# The ServiceAccount whose token stands for it
az identity federated-credential create --name shop-shop --identity-name shop \
  --resource-group shop \
  --issuer "$(az aks show --name aks --resource-group aks --query oidcIssuerProfile.issuerUrl --output tsv)" \
  --subject system:serviceaccount:shop:shop --audiences api://AzureADTokenExchange

# What it may read
az role assignment create --role 'Key Vault Secrets User' \
  --assignee-object-id "$(az identity show --name shop --resource-group shop --query principalId --output tsv)" \
  --assignee-principal-type ServicePrincipal \
  --scope "$(az keyvault show --name shop-prod --query id --output tsv)"

# What the ServiceAccount says of it
kubectl annotate serviceaccount shop --namespace shop --overwrite \
  azure.workload.identity/client-id="$(az identity show --name shop --resource-group shop --query clientId --output tsv)"
