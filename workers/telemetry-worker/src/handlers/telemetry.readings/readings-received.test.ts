import { DependencyAway, UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { CloudEvent } from '@platen/schema/events/cloud-event';
import { PlatenError } from '@platen/sdk/internal';
import { test } from 'tap';
import { type ReadingsReceivedDeps, readingsReceived } from './readings-received.js';

type Method = ReadingsReceivedDeps['dataPlane']['telemetryReadings']['write'];
type Write = (...given: Parameters<Method>) => ReturnType<Method>;
type Answer = Awaited<ReturnType<Method>>;

const [tenantid, organizationid, id] = [1, 2, 3].map((n) => `01930000-0000-7000-8004-00000000000${n}`) as [
  string,
  string,
  string,
];
const readings = [{ device: 'press-1', metric: 'pieces', ts: 1772357400000, value: 12 }];
const event: CloudEvent = {
  specversion: '1.0',
  id,
  source: 'a gateway',
  type: 'telemetry.readings.received',
  time: '2026-03-01T09:30:00.000Z',
  subject: 'press-1',
  tenantid,
  organizationid,
  workspaceid: null,
  correlationid: 'test-readings',
  traceparent: null,
  dataschema: 'platen:telemetry.readings.received:1',
  data: { readings },
};

function handle(answer: Answer | Error, more: Partial<CloudEvent> = {}) {
  const [calls, lines]: [unknown[], unknown[]] = [[], []];
  const write: Write = async (input) => {
    calls.push(input);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const handler = readingsReceived({
    dataPlane: { telemetryReadings: { write: Object.assign(write, { isError: nothing }) } },
    log: { warn: (...line: unknown[]) => void lines.push(line[0]) },
  });
  const signal = new AbortController().signal;
  const done = handler({ event: { ...event, ...more }, topic: 'telemetry.readings', attempt: 1, signal });
  return { done, calls, lines };
}

const nothing = (_error: unknown): _error is never => false;
const none: Answer = { accepted: 1, duplicates: 0, refused_count: 0, refused: [] };
const failure = (status: number, code: 'database_unavailable' | 'not_found') =>
  new PlatenError('test', { type: 'about:blank', title: 'test', status, code }, 'test');

test('readings of an event are brought to the plane under its id', async (t) => {
  const { done, calls, lines } = handle(none);
  await done;
  t.same(calls, [{ tenant_id: tenantid, organization_id: organizationid, event_id: id, readings }]);
  t.same(lines, []);
});

test('what is refused is counted in the log, and handled', async (t) => {
  const refused = { line: 1, device: 'press-1', metric: 'pieces', code: 'unknown_device', detail: '' } as const;
  const { done, lines } = handle({ ...none, accepted: 0, refused_count: 2, refused: [refused, refused] });
  await done;
  t.match(lines, [{ event_id: id, refused: { unknown_device: 2 } }]);
});

test('what no repeat can mend is parked, what is away is waited for', async (t) => {
  for (const more of [{ data: { readings: [] } }, { data: { readings, more: 1 } }, { organizationid: null }]) {
    const { done, calls } = handle(none, more);
    await t.rejects(done, UnprocessableEvent);
    t.same(calls, []);
  }
  await t.rejects(handle(failure(404, 'not_found')).done, UnprocessableEvent);
  await t.rejects(handle(failure(503, 'database_unavailable')).done, DependencyAway);
});
