{{/* SPDX-License-Identifier: Apache-2.0 */}}
{{- define "ringtap.name" -}}
{{- if contains "ringtap" .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-ringtap" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "ringtap.selector" -}}
app.kubernetes.io/name: ringtap
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ringtap.labels" -}}
{{ include "ringtap.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
