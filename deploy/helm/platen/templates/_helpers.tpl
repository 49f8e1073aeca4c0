{{- define "platen.name" -}}
{{- if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{- end -}}
{{- end }}

{{- /* What a selector names; never changes. Called with (list $ "component"). */ -}}
{{- define "platen.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "platen.labels" -}}
{{ include "platen.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version | quote }}
{{- end }}

{{- /* (list $ values) of a component. */ -}}
{{- define "platen.image" -}}
{{- $root := index . 0 -}}
{{ printf "%s/%s:%s" $root.Values.image.registry (index . 1).repository ($root.Values.image.tag | default $root.Chart.AppVersion) }}
{{- end }}

{{- define "platen.url" -}}
{{- $root := index . 0 -}}
http://{{ include "platen.name" $root }}-{{ index . 1 }}-internal:{{ index . 2 }}
{{- end }}

{{- /* What pods have in common: (list $ values component). */ -}}
{{- define "platen.pod" -}}
{{- $root := index . 0 -}}{{- $values := index . 1 -}}
serviceAccountName: {{ include "platen.name" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml $root.Values.podSecurityContext | nindent 2 }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "platen.selector" (list $root (index $ 2)) | nindent 8 }}
  {{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "platen.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- /* The port's name and the path that says whether it is ready. Half a minute for a start. */ -}}
{{- define "platen.probes" -}}
startupProbe:
  httpGet: { path: /health, port: {{ index . 0 }} }
  periodSeconds: 2
  failureThreshold: 30
  timeoutSeconds: 2
livenessProbe:
  httpGet: { path: /health, port: {{ index . 0 }} }
  periodSeconds: 10
  failureThreshold: 3
  timeoutSeconds: 5
readinessProbe:
  httpGet: { path: {{ index . 1 }}, port: {{ index . 0 }} }
  periodSeconds: 2
  failureThreshold: 1
  timeoutSeconds: 2
{{- end }}

{{- /* A variable out of a Secret: (list $ variable), or (list $ variable key) where the key is not its name. */ -}}
{{- define "platen.secret" -}}
{{- $root := index . 0 -}}{{- $key := last . -}}
{{- $elsewhere := index $root.Values.secretKeys $key | default dict -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ $elsewhere.name | default $root.Values.existingSecret }}
      key: {{ $elsewhere.key | default $key }}
{{- end }}

{{- /* A file out of a Secret, as a volume: (list $ volume key). */ -}}
{{- define "platen.secret-file" -}}
{{- $root := index . 0 -}}
{{- $elsewhere := index $root.Values.secretKeys (index . 2) | default dict -}}
- name: {{ index . 1 }}
  secret:
    secretName: {{ $elsewhere.name | default $root.Values.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ $elsewhere.key | default (index . 2) }}
        path: catalogue.json
{{- end }}

{{- define "platen.env" -}}
- name: NODE_ENV
  value: production
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
{{ include "platen.ca-env" . }}
{{- with .Values.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $.Values.tracing.ratio | quote }}
{{- if $.Values.tracing.headers }}
{{ include "platen.secret" (list $ "OTEL_EXPORTER_OTLP_HEADERS") }}
{{- end }}
{{- end }}
{{- if .Values.kafka.enabled }}
- name: EVENT_BUS
  value: kafka
- name: KAFKA_BROKERS
  value: {{ join "," .Values.kafka.brokers | quote }}
- name: KAFKA_TLS
  value: {{ .Values.kafka.tls | quote }}
- name: KAFKA_TOPIC_PREFIX
  value: {{ .Values.kafka.topicPrefix | quote }}
{{- with .Values.kafka.saslMechanism }}
- name: KAFKA_SASL_MECHANISM
  value: {{ . }}
- name: KAFKA_SASL_USERNAME
  value: {{ $.Values.kafka.saslUsername | quote }}
{{ include "platen.secret" (list $ "KAFKA_SASL_PASSWORD") }}
{{- end }}
{{- end }}
{{- end }}

{{- define "platen.plane-env" -}}
{{ include "platen.env" . }}
- name: BASE_DOMAIN
  value: {{ .Values.baseDomain }}
- name: TOKEN_ISSUER
  value: {{ .Values.tokenIssuer | quote }}
- name: TRUSTED_PROXIES
  value: {{ join "," .Values.trustedProxies | quote }}
- name: DRAIN_TIME
  value: {{ .Values.drainSeconds }}s
{{- if .Values.redis.enabled }}
{{ include "platen.secret" (list . "REDIS_URL") }}
{{- end }}
{{- if .Values.kafka.enabled }}
- name: KAFKA_PARTITIONS
  value: {{ .Values.kafka.partitions | quote }}
- name: KAFKA_REPLICATION
  value: {{ .Values.kafka.replication | quote }}
{{- end }}
{{- end }}

{{- define "platen.worker-env" -}}
{{- $root := index . 0 -}}
{{ include "platen.env" $root }}
- name: CONTROL_INTERNAL_URL
  value: {{ include "platen.url" (list $root "control-plane" 4100) }}
- name: DATA_INTERNAL_URL
  value: {{ include "platen.url" (list $root "data-plane" 4101) }}
- name: SERVICE_CLIENT_ID
  value: {{ index . 1 }}
{{ include "platen.secret" (list $root "SERVICE_CLIENT_SECRET" (index . 2)) }}
- name: WORKER_HEALTH_HOST
  value: 0.0.0.0
- name: WORKER_HEALTH_PORT
  value: {{ index . 3 | quote }}
{{- end }}

{{- define "platen.feature-env" -}}
{{- range $name, $on := .Values.features }}
- name: {{ $name }}
  value: {{ $on | quote }}
{{- end }}
{{- end }}

{{- define "platen.own-env" -}}
{{- range $name, $value := .env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "platen.ca-env" -}}
{{- if .Values.caBundle.configMap }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/platen/ca/ca.crt
{{- end }}
{{- end }}

{{- define "platen.ca-mount" -}}
{{- if .Values.caBundle.configMap }}
- name: ca
  mountPath: /etc/platen/ca
  readOnly: true
{{- end }}
{{- end }}

{{- define "platen.ca-volume" -}}
{{- with .Values.caBundle }}
{{- if .configMap }}
- name: ca
  configMap:
    name: {{ .configMap }}
    items: [{ key: {{ .key | quote }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- end }}
