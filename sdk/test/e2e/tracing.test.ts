import { randomBytes } from 'node:crypto';
import { kafkaIsMissing, testKafka } from '@platen/chassis/testkit/kafka-server';
import { dataContracts } from '@platen/schema/contracts/data/index';
import t, { type Test } from 'tap';
import { startPlatform } from './platform.js';
import { newQuote, type Victim } from './samples-data.js';
import { type CollectedSpan, drawTree, startCollector } from './trace-collector.js';
import { victimOf } from './victim.js';
import { createWorld, until } from './world.js';

// One trace from an HTTP request to the worker's effect, through processes that know of each other by calls and events.
const { quotes, repricing } = dataContracts.erp;
const collector = await startCollector(t);
const traced: Record<string, string> = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
const platform = await startPlatform(t, {
  env: { 'control-plane': traced, 'data-plane': traced, 'erp-worker': traced },
});
const victim = victimOf(await createWorld(platform, platform.ports.data), platform);

/** As somebody's browser or gateway would send it. */
function newTrace() {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-01` } };
}

const find = (spans: readonly CollectedSpan[], service: string, name: string) =>
  spans.find((span) => span.service === service && span.name === name);

/** The span and what it was caused by, up to one whose cause nobody here has. */
function causesOf(spans: readonly CollectedSpan[], span: CollectedSpan | undefined): CollectedSpan[] {
  if (span === undefined) return [];
  const cause = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span, ...causesOf(spans, cause)];
}

/** Services send what they have each in their own time: the trace is there when it reaches back to its beginning. */
async function untilTraced(t: Test, trace: ReturnType<typeof newTrace>, service: string, name: string) {
  const causes = () => {
    const spans = collector.ofTrace(trace.traceId);
    return causesOf(spans, find(spans, service, name));
  };
  await until(
    async () => causes().at(-1)?.parentSpanId,
    (began) => began === trace.spanId,
    50,
  );
  const spans = collector.ofTrace(trace.traceId);
  for (const line of drawTree(spans)) t.comment(line);
  return { spans, causes: causes().map((span) => `${span.service}: ${span.name}`) };
}

const readsMail = 'GET /internal/tenants/:tenant_id/quotes/:id/mail';
const completesJob = 'POST /internal/tenants/:tenant_id/jobs/:id/complete';

async function sendQuote(by: Victim) {
  const { id } = await newQuote(by);
  const trace = newTrace();
  await by.call(quotes.send, { params: { id }, headers: trace.headers });
  return trace;
}

async function followQuote(t: Test, system: string) {
  const { spans, causes } = await untilTraced(t, await sendQuote(victim), 'data-plane', readsMail);
  t.same(causes, [
    `data-plane: ${readsMail}`,
    'erp-worker: GET /internal/tenants/{id}/quotes/{id}/mail',
    'erp-worker: process erp.quote',
    'data-plane: POST /api/erp/quotes/:id/send',
  ]);
  const request = find(spans, 'data-plane', 'POST /api/erp/quotes/:id/send');
  t.match(request?.attributes, {
    'http.route': '/api/erp/quotes/:id/send',
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'platen.tenant.id': String,
    'platen.correlation.id': String,
    'platen.db.queries': Number,
    'platen.db.duration_ms': Number,
  });
  t.match(find(spans, 'erp-worker', 'process erp.quote')?.attributes, {
    'messaging.system': system,
    'messaging.destination.name': 'erp.quote',
    'platen.event.type': 'erp.quote.sent',
    'platen.event.attempt': 1,
    'platen.correlation.id': request?.attributes['platen.correlation.id'],
  });
  return spans;
}

t.test('over the outbox: a quote is sent, its customer is mailed', (t) => followQuote(t, 'platen_outbox'));

t.test('a job is part of it, and what it calls', async (t) => {
  const trace = newTrace();
  await victim.call(repricing.start, { body: {}, headers: trace.headers });
  const { causes } = await untilTraced(t, trace, 'data-plane', completesJob);
  t.same(causes, [
    `data-plane: ${completesJob}`,
    'erp-worker: POST /internal/tenants/{id}/jobs/{id}/complete',
    'erp-worker: job repricing',
    'erp-worker: process erp.job',
    'data-plane: POST /api/erp/pricing/repricing',
  ]);
});

t.test('what nobody asked for is no trace: polls, heartbeats, the feed', async (t) => {
  const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === null);
  t.same([...new Set(roots.map(({ kind, service }) => `${service} ${kind}`))].sort(), [
    'control-plane 2',
    'data-plane 2',
  ]);
  t.notOk(roots.some(({ name }) => name.includes('/internal/')));
});

t.test('over Kafka', { skip: kafkaIsMissing }, async (t) => {
  const { brokers, topicPrefix } = await testKafka(t);
  Object.assign(traced, {
    EVENT_BUS: 'kafka',
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_PARTITIONS: '2',
  });
  for (const name of ['erp-worker', 'data-plane', 'control-plane'] as const) await platform.stop(name);
  for (const name of ['control-plane', 'data-plane', 'erp-worker'] as const) await platform.start(name);
  const spans = await followQuote(t, 'kafka');
  const [, cause] = causesOf(spans, find(spans, 'data-plane', 'send erp.quote'));
  t.equal(cause?.name, 'POST /api/erp/quotes/:id/send', 'so long it took to be with the broker');
});
