export interface TransportRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Blob | ReadableStream<Uint8Array>;
  /** What fetch wants to hear about a body that is a stream. */
  readonly duplex?: 'half';
  /** Aborted at the deadline, or by the caller. It also ends an answer that is still being read. */
  readonly signal: AbortSignal;
}

/** What the client reads of an answer: a `Response` of fetch fits. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}

/** One try of one request: resolves with any answer, rejects when there is none. */
export type Transport = (url: string, request: TransportRequest) => Promise<TransportResponse>;

/**
 * The platform's own fetch, for browsers and edge runtimes. `include` sends and keeps the session's cookies; edge
 * runtimes have no cookie store and refuse the option, so it is left out with bearer tokens.
 */
export const fetchTransport =
  (credentials?: 'include'): Transport =>
  (url, request) =>
    fetch(url, credentials ? { ...request, credentials } : request);
