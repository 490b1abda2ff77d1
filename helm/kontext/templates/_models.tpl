{{/* The models of a pool that are not in its image. Takes (dict "root" $ "pool" its values); gives JSON. */}}
{{- define "kontext.delivered" -}}
{{- $models := .pool.models }}
{{- if eq .pool.device "cpu" }}{{ $models = without $models "kontext-tiny" }}{{ end }}
{{- $models | default list | toJson }}
{{- end }}

{{/* Init containers that bring models to the node and check them before a worker loads them. */}}
{{- define "kontext.modelInits" -}}
{{- $values := .root.Values.models }}
{{- $store := $values.objectStore }}
{{- range $model := include "kontext.delivered" . | fromJsonArray }}
{{- $digest := get $values.digests $model }}
{{- if eq $values.source "none" }}
{{- fail (printf "models.source is none, but a pool serves %s, which is in no image: set it to claim or objectStore." $model) }}
{{- end }}
{{- if eq $values.source "objectStore" }}
{{- if not $digest }}
{{- fail (printf "models.digests.%s is missing: what is fetched is checked by its digest, which 'kontext model show %s' prints." $model $model) }}
{{- end }}
- name: fetch-{{ $model | replace "." "-" }}
  image: {{ $store.image }}
  args:
    - copy
    - {{ printf "store:%s" (list $store.bucket $store.prefix $model | compact | join "/") | quote }}
    - /models/{{ $model }}
    - --checksum
    - --transfers=4
    - --multi-thread-streams=8
    - --stats=30s
    - --stats-log-level=NOTICE
  env:
    - {name: HOME, value: /tmp}
    - {name: RCLONE_CONFIG, value: /tmp/rclone.conf}
    - {name: RCLONE_CACHE_DIR, value: /tmp/cache}
    - {name: RCLONE_CONFIG_STORE_TYPE, value: s3}
    - {name: RCLONE_CONFIG_STORE_PROVIDER, value: Other}
    - {name: RCLONE_CONFIG_STORE_FORCE_PATH_STYLE, value: "true"}
    - name: RCLONE_CONFIG_STORE_ENDPOINT
      value: {{ $store.endpoint | default (include "kontext.objectStoreEndpoint" $.root) | quote }}
    - name: RCLONE_CONFIG_STORE_REGION
      value: {{ $.root.Values.objectStore.region | quote }}
    - name: RCLONE_CONFIG_STORE_ACCESS_KEY_ID
      valueFrom: {secretKeyRef: {{ ternary (dict "name" $store.secret "key" "access-key") (dict "name" $.root.Values.secret "key" "object-store-access-key") (ne $store.secret "") | toJson }}}
    - name: RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY
      valueFrom: {secretKeyRef: {{ ternary (dict "name" $store.secret "key" "secret-key") (dict "name" $.root.Values.secret "key" "object-store-secret-key") (ne $store.secret "") | toJson }}}
  resources:
    requests: {cpu: 500m, memory: 256Mi}
    limits: {memory: 1Gi}
  {{- include "kontext.containerSecurity" dict | nindent 2 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
    - {name: models, mountPath: /models}
{{- end }}
{{- if $digest }}
- name: verify-{{ $model | replace "." "-" }}
  image: {{ $.image }}
  imagePullPolicy: {{ $.root.Values.image.pullPolicy }}
  args: [model, verify, {{ $model | quote }}, --digests-only, --digest, {{ $digest | quote }}]
  resources:
    requests: {cpu: 500m, memory: 256Mi}
    limits: {memory: 1Gi}
  {{- include "kontext.containerSecurity" dict | nindent 2 }}
  volumeMounts:
    - {name: tmp, mountPath: /tmp}
    - {name: data, mountPath: /data}
    - {name: models, mountPath: /models, readOnly: true}
{{- end }}
{{- end }}
{{- end }}

{{- define "kontext.modelVolume" -}}
- name: models
{{- if .root.Values.models.claim }}
  persistentVolumeClaim:
    claimName: {{ .root.Values.models.claim }}
    readOnly: {{ eq .root.Values.models.source "claim" }}
{{- else }}
  emptyDir: {sizeLimit: {{ .root.Values.models.objectStore.size }}}
{{- end }}
{{- end }}
