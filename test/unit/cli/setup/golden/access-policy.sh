# The ServiceAccount whose token stands for it
az identity federated-credential create --name shop-shop --identity-name shop \
  --resource-group identities \
  --issuer "$(az aks show --name aks --resource-group aks --query oidcIssuerProfile.issuerUrl --output tsv)" \
  --subject system:serviceaccount:shop:shop --audiences api://AzureADTokenExchange

# What it may read
az keyvault set-policy --name shop-prod \
  --object-id "$(az identity show --name shop --resource-group identities --query principalId --output tsv)" \
  --secret-permissions get list

# What the ServiceAccount says of it
kubectl annotate serviceaccount shop --namespace shop --overwrite \
  azure.workload.identity/client-id="$(az identity show --name shop --resource-group identities --query clientId --output tsv)"
