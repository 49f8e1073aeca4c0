import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { recordLog } from '../testkit/http.js';
import { causedBy, currentTraceparent, inSpan } from './current.js';
import { quietExporter } from './quiet-exporter.js';
import { tracingOf } from './settings.js';
import { startTracing } from './start-tracing.js';
import { traceCalls } from './trace-calls.js';

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code: number };
}

/** Takes what is exported; `sent` is what has come. */
async function startCollector(t: { teardown(end: () => void): void }) {
  const sent: Sent[] = [];
  const headers: unknown[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    for (const { scopeSpans } of JSON.parse(text).resourceSpans) sent.push(...scopeSpans[0].spans);
    headers.push(request.headers['x-key']);
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  // Listening on TCP, so the address is no path of a pipe.
  return { sent, headers, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const values = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER_ARG: 1 });

t.test('without an endpoint nothing is loaded, and what came along still goes along', async (t) => {
  const { cache } = createRequire(import.meta.url);
  const before = Object.keys(cache).length;
  t.equal(tracingOf({ OTEL_TRACES_SAMPLER_ARG: 1 }, 'a'), null);
  const { tracing, stop } = await startTracing(null, recordLog().log);
  t.equal(tracing, null);
  t.equal(Object.keys(cache).length, before);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const seen = await inSpan(null, { name: 'a', kind: 'internal', parent: traceparent }, async () =>
    currentTraceparent(),
  );
  t.equal(seen, traceparent);
  await stop();
});

t.test('a span under another, over a call; failures say what failed and nothing else', async (t) => {
  const { url, sent, headers } = await startCollector(t);
  const settings = tracingOf({ ...values(url), OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret' }, 'a');
  const { tracing, stop } = await startTracing(settings, recordLog().log);
  const carried: (string | undefined)[] = [];
  const send = traceCalls(async (_url: string, { headers }: { method: string; headers: Record<string, string> }) => {
    carried.push(headers['traceparent']);
    return { status: 200 };
  }, tracing);
  const call = () =>
    send('http://a/internal/tenants/019a0b1c-0000-7000-8000-000000000001/jobs', { method: 'GET', headers: {} });
  const work = inSpan(tracing, { name: 'outer', kind: 'internal', parent: null }, async () => {
    await call();
    throw new TypeError('with a secret in it');
  });
  await t.rejects(work, TypeError);
  await call();
  await stop();
  const [inner, outer] = sent;
  t.match(outer, { name: 'outer', status: { code: 2 } });
  t.match(inner, { name: 'GET /internal/tenants/{id}/jobs', traceId: outer?.traceId, parentSpanId: outer?.spanId });
  t.same(carried, [`00-${inner?.traceId}-${inner?.spanId}-01`, undefined]);
  t.notMatch(JSON.stringify(sent), 'secret');
  t.same([...new Set(headers)], ['secret']);
});

t.test('a share of the traces, and whatever belongs to one that is sent', async (t) => {
  const { url, sent } = await startCollector(t);
  const settings = tracingOf({ ...values(url), OTEL_TRACES_SAMPLER_ARG: 0 }, 'a');
  const { tracing, stop } = await startTracing(settings, recordLog().log);
  const begun = tracing?.start({ name: 'begun here', kind: 'server', parent: null });
  t.match(begun?.traceparent, /-00$/);
  begun?.end();
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const span = causedBy(parent, () => tracing?.start({ name: 'followed', kind: 'server', parent }));
  t.match(span?.traceparent, /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
  span?.end();
  await stop();
  t.same(
    sent.map(({ name, parentSpanId }) => [name, parentSpanId]),
    [['followed', 'b7ad6b7169203331']],
  );
});

t.test('a collector that is away is told once a minute, with how much was lost', async (t) => {
  const { log, lines } = recordLog();
  let nowMs = 0;
  const away: SpanExporter = {
    export: (_spans, answer) => answer({ code: ExportResultCode.FAILED, error: new Error('away') }),
    shutdown: async () => undefined,
  };
  const exporter = quietExporter(away, 'http://away', log, () => nowMs);
  for (; nowMs < 150_000; nowMs += 10_000) {
    exporter.export([], ({ code }) => t.equal(code, ExportResultCode.SUCCESS, 'nobody else is bothered'));
  }
  t.equal(lines.filter(({ level }) => level === 'warn').length, 3);
});

t.test('what a collector refuses is lost, and told', async (t) => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(400).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  const { log, lines } = recordLog();
  const settings = tracingOf(values(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), 'a');
  const { tracing, stop } = await startTracing(settings, log);
  tracing?.start({ name: 'a', kind: 'internal', parent: null }).end();
  await stop();
  t.match(
    lines.filter(({ level }) => level === 'warn'),
    [{ message: 'traces cannot be sent', data: { lost_spans: 1 } }],
  );
});

t.test('stopping does not wait for a collector that says nothing', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  const settings = tracingOf(values(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), 'a');
  const { tracing, stop } = await startTracing(settings, recordLog().log);
  tracing?.start({ name: 'a', kind: 'internal', parent: null }).end();
  const startedMs = performance.now();
  await stop();
  t.comment(`measured: ${Math.round(performance.now() - startedMs)} ms`);
});
