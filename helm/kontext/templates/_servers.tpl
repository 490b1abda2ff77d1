{{/* A bundled server: a StatefulSet of one and its Service. Takes root, component, image, user, group, port, values, container
     (what is particular about it, as YAML), mountPath, storage ("" for none), writableRoot. */}}
{{- define "kontext.server" -}}
{{- $name := printf "%s-%s" (include "kontext.name" .root) .component }}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  labels: {{- include "kontext.labels" . | nindent 4 }}
spec:
  serviceName: {{ $name }}
  replicas: 1
  selector:
    matchLabels: {{- include "kontext.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "kontext.labels" . | nindent 8 }}
    spec:
      {{- include "kontext.podSecurity" . | nindent 6 }}
      terminationGracePeriodSeconds: 60
      containers:
        - name: {{ .component }}
          image: {{ .image }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          {{- .container | nindent 10 }}
          ports:
            - {name: main, containerPort: {{ .port }}}
          resources: {{- toYaml .values.resources | nindent 12 }}
          {{- include "kontext.containerSecurity" (dict "writableRoot" .writableRoot) | nindent 10 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            - {name: storage, mountPath: {{ .mountPath }}}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: 256Mi}
        {{- if not .storage }}
        - name: storage
          emptyDir: {sizeLimit: 1Gi}
        {{- end }}
  {{- if .storage }}
  volumeClaimTemplates:
    - metadata:
        name: storage
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .values.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ .storage }}
  {{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "kontext.labels" . | nindent 4 }}
spec:
  selector: {{- include "kontext.selector" . | nindent 4 }}
  ports:
    - {name: main, port: {{ .port }}, targetPort: main}
{{- end }}

{{- define "kontext.redisPassword" -}}
env:
  - name: REDIS_PASSWORD
    valueFrom: {secretKeyRef: {name: {{ .Values.secret }}, key: redis-password}}
livenessProbe:
  tcpSocket: {port: main}
  periodSeconds: 20
  failureThreshold: 6
readinessProbe:
  exec:
    command: [sh, -c, 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping | grep -q PONG']
  periodSeconds: 5
  timeoutSeconds: 3
{{- end }}
