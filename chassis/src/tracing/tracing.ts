/** What spans say of themselves, by the names of OpenTelemetry's semantic conventions; our own begin with `platen.`. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface NewSpan {
  /** Of few different values: a route's pattern, never a path. */
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** W3C Trace Context of what caused it; null: it begins a trace. */
  readonly parent: string | null;
  readonly attributes?: Attributes;
}

export interface OpenSpan {
  /** W3C Trace Context: goes along with whatever this span causes. */
  readonly traceparent: string;
  /** Once. `error`: why it failed. */
  end(outcome?: { readonly attributes?: Attributes; readonly error?: string }): void;
}

/** Where spans go. Whoever has none (null) spends nothing on them. */
export interface Tracing {
  start(span: NewSpan): OpenSpan;
}
