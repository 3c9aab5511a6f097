{{- define "vaultsecret.claimOfAll" -}}vaultsecret-serves-every-namespace{{- end }}
{{- define "vaultsecret.claimOfOne" -}}vaultsecret-serves-this-namespace{{- end }}
{{- define "vaultsecret.release" -}}{{ .Release.Namespace }}/{{ .Release.Name }}{{- end }}

{{/*
Fails when another release serves what this one would, see claims.yaml; in words, where Helm alone would speak of
ownership metadata. Where there is no cluster to look at, as in `helm template`, look-ups find nothing. Who installs with
the rights of namespaces alone cannot look for a claim of all: there the controllers see each other.
*/}}
{{- define "vaultsecret.refuseRivals" -}}
{{- $api := "rbac.authorization.k8s.io/v1" }}
{{- $one := include "vaultsecret.claimOfOne" . }}
{{- $claims := list }}
{{- range $namespace := .Values.namespaces }}
{{- $claims = append $claims (lookup $api "Role" $namespace $one) }}
{{- end }}
{{- if or (not .Values.namespaces) .Values.crds.install (has true (values .Values.admissionPolicies)) }}
{{- $claims = append $claims (lookup $api "ClusterRole" "" (include "vaultsecret.claimOfAll" .)) }}
{{- end }}
{{- if not .Values.namespaces }}
{{- range (lookup $api "Role" "" "").items }}
{{- if eq .metadata.name $one }}
{{- $claims = append $claims . }}
{{- end }}
{{- end }}
{{- end }}
{{- range compact $claims }}
{{- $holder := dig "metadata" "annotations" "vaultsecret.dev/release" "?/?" . }}
{{- if ne $holder (include "vaultsecret.release" $) }}
{{- $served := ternary (printf "namespace %s" .metadata.namespace) "every namespace" (hasKey .metadata "namespace") }}
{{- printf "%s is served already by release %s in namespace %s, and two controllers would fight over the same VaultSecrets: uninstall that one, or give each namespaces of its own" $served (base $holder) (dir $holder) | fail }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Fails when a CRD belongs to another release that is installed. One that was left behind may be taken over by
`helm --take-ownership`, of which a template cannot know.
*/}}
{{- define "vaultsecret.refuseOwned" -}}
{{- $root := index . 0 }}
{{- $annotations := dig "metadata" "annotations" dict (lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" (index . 1)) }}
{{- $name := get $annotations "meta.helm.sh/release-name" }}
{{- $namespace := get $annotations "meta.helm.sh/release-namespace" }}
{{- if and $name (ne (printf "%s/%s" $namespace $name) (include "vaultsecret.release" $root)) }}
{{- range (lookup "apps/v1" "Deployment" $namespace "").items }}
{{- if eq $name (dig "metadata" "annotations" "meta.helm.sh/release-name" "" .) }}
{{- printf "the CustomResourceDefinitions belong to release %s in namespace %s: set crds.install: false for this one" $name $namespace | fail }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
