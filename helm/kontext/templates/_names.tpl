{{- define "kontext.name" -}}
{{- ternary .Release.Name (printf "%s-kontext" .Release.Name) (contains "kontext" .Release.Name) | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Labels that select; they never change. Takes (dict "root" $ "component" "gateway"). */}}
{{- define "kontext.selector" -}}
app.kubernetes.io/name: kontext
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
kontext/pool: {{ . }}
{{- end }}
{{- end }}

{{- define "kontext.labels" -}}
{{ include "kontext.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* Takes (dict "root" $ "image" .Values.image.cpu). */}}
{{- define "kontext.image" -}}
{{ .image.repository }}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "kontext.objectStoreEndpoint" -}}
{{- if .Values.objectStore.bundled }}http://{{ include "kontext.name" . }}-minio:9000{{ else }}{{ .Values.objectStore.endpoint }}{{ end }}
{{- end }}
