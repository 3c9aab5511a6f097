{{- define "vaultsecret.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "vaultsecret.fullname" -}}
{{- $name := include "vaultsecret.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Cluster-wide objects carry the namespace: two releases of one name must not share them. */}}
{{- define "vaultsecret.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "vaultsecret.fullname" .) }}
{{- end }}

{{- define "vaultsecret.selectorLabels" -}}
app.kubernetes.io/name: {{ include "vaultsecret.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Of the pod of `helm test`, which the selectors of the Service and the Deployment must not take for a replica. */}}
{{- define "vaultsecret.testLabels" -}}
app.kubernetes.io/name: {{ include "vaultsecret.name" . | trunc 58 }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vaultsecret.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "vaultsecret.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "vaultsecret.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "vaultsecret.fullname" .) }}
{{- else }}
{{- required "serviceAccount.name is required when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "vaultsecret.image" -}}
{{- $repository := required "image.repository is required: the name of the image with its registry" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "vaultsecret.env" -}}
{{- $env := list }}
{{- with .Values.proxy.httpsProxy }}
{{- $env = append $env (dict "name" "HTTPS_PROXY" "value" .) }}
{{- end }}
{{- with .Values.proxy.noProxy }}
{{- $env = append $env (dict "name" "NO_PROXY" "value" .) }}
{{- end }}
{{- if and .Values.azure.clientId .Values.azure.tokenVolume }}
{{- $env = append $env (dict "name" "AZURE_CLIENT_ID" "value" .Values.azure.clientId) }}
{{- $env = append $env (dict "name" "AZURE_FEDERATED_TOKEN_FILE" "value" "/var/run/secrets/azure/tokens/azure-identity-token") }}
{{- end }}
{{- with concat $env .Values.extraEnv }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- define "vaultsecret.volumeMounts" -}}
{{- $mounts := list }}
{{- if and .Values.azure.clientId .Values.azure.tokenVolume }}
{{- $mounts = append $mounts (dict "name" "azure-identity-token" "mountPath" "/var/run/secrets/azure/tokens" "readOnly" true) }}
{{- end }}
{{- if .Values.caBundle.configMap }}
{{- $mounts = append $mounts (dict "name" "ca-bundle" "mountPath" "/etc/vaultsecret/ca" "readOnly" true) }}
{{- end }}
{{- if .Values.metrics.secure.enabled }}
{{- $mounts = append $mounts (dict "name" "metrics-certificate" "mountPath" "/etc/vaultsecret/metrics" "readOnly" true) }}
{{- end }}
{{- with concat $mounts .Values.extraVolumeMounts }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- define "vaultsecret.volumes" -}}
{{- $volumes := list }}
{{- if and .Values.azure.clientId .Values.azure.tokenVolume }}
{{- $token := dict "path" "azure-identity-token" "audience" "api://AzureADTokenExchange" "expirationSeconds" 3600 }}
{{- $projected := dict "sources" (list (dict "serviceAccountToken" $token)) }}
{{- $volumes = append $volumes (dict "name" "azure-identity-token" "projected" $projected) }}
{{- end }}
{{- if .Values.caBundle.configMap }}
{{- $volumes = append $volumes (dict "name" "ca-bundle" "configMap" (dict "name" .Values.caBundle.configMap)) }}
{{- end }}
{{- if .Values.metrics.secure.enabled }}
{{- $name := required "metrics.secure.certificateSecret is required when metrics.secure.enabled is true: a Secret with tls.crt and tls.key" .Values.metrics.secure.certificateSecret }}
{{- $items := list (dict "key" "tls.crt" "path" "tls.crt") (dict "key" "tls.key" "path" "tls.key") }}
{{- $volumes = append $volumes (dict "name" "metrics-certificate" "secret" (dict "secretName" $name "items" $items)) }}
{{- end }}
{{- with concat $volumes .Values.extraVolumes }}
{{- toYaml . }}
{{- end }}
{{- end }}
