import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as OTLP has it in JSON, and whose it is. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  /** As in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

interface Attribute {
  readonly key: string;
  readonly value: { stringValue?: string; intValue?: number; doubleValue?: number; boolValue?: boolean };
}
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}
interface RawSpan extends Omit<CollectedSpan, 'service' | 'attributes' | 'parentSpanId' | 'startMs' | 'endMs'> {
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
}

export interface Collector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  ofTrace(traceId: string): CollectedSpan[];
}

/** Stands where a collector of OpenTelemetry would: takes OTLP over HTTP as JSON, and keeps it. */
export async function startCollector(t: { teardown(end: () => void): void }): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const server = createServer(async (request, response) => {
    const found = request.method === 'POST' && request.url === '/v1/traces';
    // A service that ends while it sends has sent nothing.
    const text = await textOf(request).catch(() => undefined);
    if (text === undefined) return;
    if (found) spans.push(...spansOf(JSON.parse(text)));
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    // Listening on TCP, so the address is no path of a pipe.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    ofTrace: (traceId) => spans.filter((span) => span.traceId === traceId),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

const spansOf = ({ resourceSpans }: Export): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ parentSpanId, startTimeUnixNano, endTimeUnixNano, attributes, ...span }) => ({
        ...span,
        service,
        parentSpanId: parentSpanId === undefined || parentSpanId === '' ? null : parentSpanId,
        startMs: Number(startTimeUnixNano) / 1e6,
        endMs: Number(endTimeUnixNano) / 1e6,
        attributes: valuesOf(attributes),
      })),
    );
  });

const valuesOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? '',
    ]),
  );

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

/** What caused what, a span a line: when it began after the first and how long it took, in milliseconds. */
export function drawTree(spans: readonly CollectedSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const firstMs = Math.min(...spans.map(({ startMs }) => startMs));
  const childrenOf = (parent: string | null) =>
    spans
      .filter(({ parentSpanId }) =>
        parent === null ? parentSpanId === null || !ids.has(parentSpanId) : parentSpanId === parent,
      )
      .sort((a, b) => a.startMs - b.startMs);
  const draw = (span: CollectedSpan, depth: number): string[] => {
    const { service, name, kind, startMs, endMs } = span;
    const when = `+${(startMs - firstMs).toFixed(0)} ms, ${(endMs - startMs).toFixed(1)} ms`;
    const line = `${'  '.repeat(depth)}${service}  ${name}  [${kinds[kind]}, ${when}]`;
    return [line, ...childrenOf(span.spanId).flatMap((child) => draw(child, depth + 1))];
  };
  return childrenOf(null).flatMap((root) => draw(root, 0));
}
