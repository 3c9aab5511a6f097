# The identity
az identity create --name shop --resource-group shop

# The binding of the identity to the cluster
az aks identity-binding create --name shop --cluster-name aks --resource-group aks \
  --managed-identity-resource-id "$(az identity show --name shop --resource-group shop --query id --output tsv)"

# The right of the ServiceAccount to use it
clientId="$(az identity show --name shop --resource-group shop --query clientId --output tsv)"
kubectl apply --filename - <<EOF
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: use-mi-${clientId:?}
rules:
  - apiGroups:
      - cid.wi.aks.azure.com
    resources:
      - ${clientId:?}
    verbs:
      - use-managed-identity
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: use-mi-${clientId:?}-shop-shop
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: use-mi-${clientId:?}
subjects:
  - kind: ServiceAccount
    namespace: shop
    name: shop
EOF

# What it may read
az role assignment create --role 'Key Vault Secrets User' \
  --assignee-object-id "$(az identity show --name shop --resource-group shop --query principalId --output tsv)" \
  --assignee-principal-type ServicePrincipal \
  --scope "$(az keyvault show --name shop-prod --query id --output tsv)"

# What the ServiceAccount says of it
kubectl annotate serviceaccount shop --namespace shop --overwrite \
  azure.workload.identity/client-id="$(az identity show --name shop --resource-group shop --query clientId --output tsv)"
