{{/* What every pod of this chart is: nobody in particular, without rights, without a token. */}}
{{- define "kontext.podSecurity" -}}
automountServiceAccountToken: false
serviceAccountName: {{ include "kontext.name" .root }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 1654 }}
  runAsGroup: {{ .group | default 1654 }}
  fsGroup: {{ .group | default 1654 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "kontext.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .writableRoot }}
  capabilities:
    drop: [ALL]
{{- end }}

{{/* Where nodes are, and which. Takes the values of a role or pool. */}}
{{- define "kontext.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Pods of one role on nodes of their own, as far as there are any. */}}
{{- define "kontext.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "kontext.selector" . | nindent 8 }}
{{- end }}

{{/* The servers' addresses. Kubernetes expands $(NAME) of what stands before it, so secrets are here by reference only. */}}
{{- define "kontext.environment" -}}
{{- $name := include "kontext.name" . -}}
- name: RABBITMQ_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.secret }}, key: rabbitmq-password}}
- name: REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.secret }}, key: redis-password}}
- name: ConnectionStrings__RabbitMq
  value: {{ ternary (printf "amqp://kontext:$(RABBITMQ_PASSWORD)@%s-rabbitmq:5672" $name) .Values.rabbitmq.url .Values.rabbitmq.bundled | quote }}
- name: ConnectionStrings__Redis
  value: {{ ternary (printf "%s-redis:6379,password=$(REDIS_PASSWORD)" $name) .Values.redis.connection .Values.redis.bundled | quote }}
{{- with ternary (printf "%s-redis-tensors:6379,password=$(REDIS_PASSWORD)" $name) .Values.redisTensors.connection .Values.redisTensors.bundled }}
- name: ConnectionStrings__RedisTensors
  value: {{ . | quote }}
{{- end }}
{{ include "kontext.objectStoreEnvironment" . }}
- name: Security__Secret
  valueFrom: {secretKeyRef: {name: {{ .Values.secret }}, key: cluster-secret}}
- name: Telemetry__MetricsUrl
  value: http://0.0.0.0:9464
{{- with .Values.telemetry.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{ include "kontext.config" .Values.config }}
{{- range .Values.configSecrets }}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end }}
{{- end }}

{{- define "kontext.objectStoreEnvironment" -}}
- name: ObjectStore__Endpoint
  value: {{ include "kontext.objectStoreEndpoint" . | quote }}
- name: ObjectStore__Bucket
  value: {{ .Values.objectStore.bucket | quote }}
- name: ObjectStore__Region
  value: {{ .Values.objectStore.region | quote }}
- name: ObjectStore__AccessKey
  valueFrom: {secretKeyRef: {name: {{ .Values.secret }}, key: object-store-access-key}}
- name: ObjectStore__SecretKey
  valueFrom: {secretKeyRef: {name: {{ .Values.secret }}, key: object-store-secret-key}}
{{- end }}

{{- define "kontext.config" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{- define "kontext.ports" -}}
ports:
  - {name: http, containerPort: 8080}
  - {name: metrics, containerPort: 9464}
{{- end }}

{{/* Starting is over when the process lives; whether it can work now is another question, and no reason to kill it. */}}
{{- define "kontext.probes" -}}
startupProbe:
  httpGet: {path: /healthz/live, port: http}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz/live, port: http}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /healthz/ready, port: http}
  periodSeconds: 5
  timeoutSeconds: 4
  failureThreshold: 2
{{- end }}

{{/* The only places that a process writes to. */}}
{{- define "kontext.writable" -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
- name: data
  emptyDir: {sizeLimit: 4Gi}
{{- end }}

{{- define "kontext.writableMounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: data, mountPath: /data}
{{- end }}
