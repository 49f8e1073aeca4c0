import { randomBytes } from 'node:crypto';
import { kafkaIsMissing, testKafka } from '@platen/chassis/testkit/kafka-server';
import { until } from '@platen/chassis/testkit/until';
import { readDocumentedMetrics } from '@platen/monitoring/documented-metrics';
import { dataContracts } from '@platen/schema/contracts/data/index';
import t, { type Test } from 'tap';
import { type Family, readExposition } from './exposition.js';
import { startPlatform } from './platform.js';
import { newQuote, type Victim } from './samples-data.js';
import { type CollectedSpan, drawTree, startCollector } from './trace-collector.js';
import { victimOf } from './victim.js';
import { createWorld } from './world.js';

// What a running Platen tells of itself: one trace from an HTTP request to the worker's effect, and the metrics of each
// process.
const { quotes, repricing } = dataContracts.erp;
const services = ['control-plane', 'data-plane', 'erp-worker', 'telemetry-worker'] as const;
const collector = await startCollector(t);
const traced: Record<string, string> = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
const platform = await startPlatform(t, {
  services,
  env: { 'control-plane': traced, 'data-plane': traced, 'erp-worker': traced, 'telemetry-worker': traced },
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
  const trace = await sendQuote(victim);
  const { spans, causes } = await untilTraced(t, trace, 'data-plane', readsMail);
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
  return trace;
}

t.test('over the outbox: a quote is sent, its customer is mailed', async (t) => {
  await followQuote(t, 'platen_outbox');
});

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
  const roots = () => collector.spans.filter(({ parentSpanId }) => parentSpanId === null);
  const kinds = await until(
    async () => [...new Set(roots().map(({ kind, service }) => `${service} ${kind}`))].sort(),
    ({ length }) => length >= 2,
  );
  t.same(kinds, ['control-plane 2', 'data-plane 2']);
  t.notOk(roots().some(({ name }) => name.includes('/internal/')));
});

const { ports } = platform;
const probes = {
  'control plane': ports.controlInternal,
  'data plane': ports.dataInternal,
  'erp-worker': ports.workerHealth,
  'telemetry-worker': ports.telemetryHealth,
} as const;
type Probed = keyof typeof probes;
/** Whom the table means; what needs more than there always is, is named by the caller. */
const meant: Readonly<Record<string, readonly Probed[]>> = {
  planes: ['control plane', 'data plane'],
  workers: ['erp-worker', 'telemetry-worker'],
  'control plane': ['control plane'],
  'data plane': ['data plane'],
  'erp-worker': ['erp-worker'],
};

async function readMetrics(service: Probed): Promise<Map<string, Family>> {
  const answer = await fetch(`http://127.0.0.1:${probes[service]}/metrics`);
  return readExposition(await answer.text());
}

async function checkMetrics(t: Test, present: readonly string[]) {
  const documented = readDocumentedMetrics();
  t.ok(documented.size > 20);
  for (const service of Object.keys(probes) as Probed[]) {
    const families = await readMetrics(service);
    for (const [name, { samples }] of families) {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      // Of a histogram's parts.
      labels.delete('le');
      if (samples.length > 0) t.same([...labels].sort(), [...(documented.get(name)?.labels ?? [])].sort(), name);
    }
    const shown = [...families.keys()].sort();
    const expected = [...documented]
      .filter(([, { of }]) => (meant[of] ?? (present.includes(of) ? meant['planes'] : []))?.includes(service))
      .map(([name]) => name);
    t.same(shown, expected.sort(), service);
  }
}

t.test('metrics are those that are documented, in the format of Prometheus', async (t) => {
  await checkMetrics(t, []);
  const plane = await readMetrics('data plane');
  const worker = await readMetrics('erp-worker');
  const samples = (families: typeof plane, name: string) => families.get(name)?.samples ?? [];
  const ofRoute = samples(plane, 'http_request_duration_seconds').filter(
    ({ labels }) => labels['route'] === '/api/erp/quotes/:id/send' && labels['le'] === undefined,
  );
  t.ok(ofRoute.some(({ labels }) => labels['status'] === '200'));
  t.ok(samples(plane, 'database_connections').some(({ value }) => value > 0));
  t.same(
    samples(plane, 'jobs').map(({ labels }) => `${labels['database']} ${labels['state']}`),
    ['erp-1', 'erp-2'].flatMap((key) => ['queued', 'waiting', 'running', 'finished'].map((state) => `${key} ${state}`)),
  );
  t.ok(samples(plane, 'jobs').some(({ labels, value }) => labels['state'] === 'finished' && value === 1));
  t.match(samples(worker, 'worker_mails_total'), [{ labels: { result: 'sent' }, value: 1 }]);
  t.match(samples(worker, 'worker_jobs_ended_total'), [{ labels: { kind: 'repricing', result: 'done' }, value: 1 }]);
  t.match(samples(worker, 'worker_jobs_running'), [{ labels: { kind: 'repricing' }, value: 0 }]);
  const handled = samples(worker, 'worker_event_duration_seconds').filter(({ labels }) => labels['le'] === undefined);
  t.ok(handled.some(({ labels }) => labels['type'] === 'erp.quote.sent' && labels['result'] === 'handled'));
});

t.test('the worker of telemetry reads its topics, and answers nothing but its probe', async (t) => {
  const url = `http://127.0.0.1:${ports.telemetryHealth}`;
  t.match(await (await fetch(`${url}/health`)).json(), { status: 'ok' });
  t.equal((await fetch(`${url}/`)).status, 404);
  t.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 404);
  const said = platform.logLines('telemetry-worker').filter((line) => /"level":"(warn|error|fatal)"/.test(line));
  t.same(said, []);
});

t.test('over Kafka', { skip: kafkaIsMissing }, async (t) => {
  const { brokers, topicPrefix } = await testKafka(t);
  Object.assign(traced, {
    EVENT_BUS: 'kafka',
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_PARTITIONS: '2',
  });
  for (const name of [...services].reverse()) await platform.stop(name);
  for (const name of services) await platform.start(name);
  const { traceId } = await followQuote(t, 'kafka');
  await t.test('metrics', (t) => checkMetrics(t, ['planes, with Kafka']));
  // Its end is the broker's answer, which may come after what the event brought about.
  const sent = await until(
    async () => find(collector.ofTrace(traceId), 'data-plane', 'send erp.quote'),
    (span) => span !== undefined,
    50,
  );
  const [, cause] = causesOf(collector.ofTrace(traceId), sent);
  t.equal(cause?.name, 'POST /api/erp/quotes/:id/send', 'so long it took to be with the broker');
});
