import { Type } from 'typebox';

/** Variables of every service; OpenTelemetry's own names. */
export const tracingFields = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://',
      maxLength: 2048,
      description:
        'Where traces are sent, OTLP over HTTP: `http://collector:4318`. Without it nothing of tracing is even loaded',
    }),
  ),
  OTEL_EXPORTER_OTLP_HEADERS: Type.Optional(
    Type.String({ minLength: 1, isSecret: true, description: 'Sent along with traces: `name=value,name=value`' }),
  ),
  OTEL_SERVICE_NAME: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'What this service is called in traces; else its name' }),
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 1,
    description: 'Share of the traces begun here that are sent; what belongs to a trace follows that one',
  }),
};

export interface TracingValues {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
  readonly OTEL_SERVICE_NAME?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

export interface TracingSettings {
  readonly endpoint: string;
  readonly headers: string;
  readonly service: string;
  /** Of the traces that begin here, 0 to 1. */
  readonly share: number;
}

/** Null: no tracing. */
export function tracingOf(values: TracingValues, service: string): TracingSettings | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = values;
  if (endpoint === undefined) return null;
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? '',
    service: values.OTEL_SERVICE_NAME ?? service,
    share: values.OTEL_TRACES_SAMPLER_ARG,
  };
}
