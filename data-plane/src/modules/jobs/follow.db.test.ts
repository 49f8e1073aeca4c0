import { once } from 'node:events';
import { request as ask, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { exported, openJobs, type Where } from './jobs.fixture.js';

const plane = await openJobs(t, { withOutbox: true });
await plane.app.tenant.listen({ host: '127.0.0.1', port: 0 });
const { port } = plane.app.tenant.server.address() as AddressInfo; // listening on TCP
const where: Where = { tenant: plane.addTenant('acme', 'erp_1') };

async function open(path: string, { lastEventId = '', of = where } = {}): Promise<IncomingMessage> {
  const headers = {
    host: `${of.tenant.slug}.localhost`,
    authorization: `Bearer ${plane.token(of.tenant)}`,
    ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
  };
  const asked = ask({ host: '127.0.0.1', port, path, headers }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  t.teardown(() => asked.destroy());
  return answer;
}
const eventsOf = (stream: string) =>
  [...stream.matchAll(/^id: (.*)\nevent: erp\.job\.(.*)\ndata: (.*)\n\n/gm)].map(([, id = '', type, data = '']) => ({
    id,
    type,
    data: JSON.parse(data),
  }));

t.test('a job’s stream: as it is, each change, and the end with the job; resumed where one was', async (t) => {
  const { id } = await plane.request(where, { totalHint: 3 });
  const other = await plane.request(where);
  const path = `/api/erp/jobs/${id}/events`;
  const whole = text(await open(path));
  const owner = uuidv7();
  const holder = { owner, attempt: 1 };
  for (const job of [id, other.id]) await plane.work(where, job, 'claim', { owner });
  await plane.work(where, id, 'progress', { ...holder, progress: 2 });
  await plane.work(where, other.id, 'progress', { ...holder, progress: 1 });
  await plane.work(where, id, 'complete', { ...holder, result: exported });
  const seen = eventsOf(await whole);
  t.same([...new Set(seen.map(({ type }) => type))], ['queued', 'started', 'progressed', 'succeeded']);
  t.same([...new Set(seen.map(({ data }) => data.job_id))], [id], 'of no other job');
  t.match(seen.at(-1)?.data, { status: 'succeeded', progress: 3, version: 4 });

  const started = seen.find(({ type }) => type === 'started');
  const resumed = eventsOf(await text(await open(path, { lastEventId: started?.id ?? '' })));
  t.same(
    resumed.map(({ type }) => type),
    ['progressed', 'succeeded'],
    'nothing twice, nothing left out',
  );
  const after = eventsOf(await text(await open(path, { lastEventId: seen.at(-1)?.id ?? '' })));
  t.same(
    after.map(({ type }) => type),
    ['succeeded'],
    'told how it ended, not left waiting',
  );
  t.same(
    eventsOf(await text(await open(path))).map(({ type }) => type),
    ['succeeded'],
  );
});

t.test('there is no stream of somebody else’s job, and none of theirs in the stream of all', async (t) => {
  const stranger: Where = { tenant: plane.addTenant('globex', 'erp_1') };
  const { id } = await plane.request(where);
  const refused = await open(`/api/erp/jobs/${id}/events`, { of: stranger });
  t.equal(refused.statusCode, 404);
  refused.resume();
  const all = await open('/api/erp/jobs/events', { of: stranger });
  all.setEncoding('utf8');
  let seen = '';
  all.on('data', (chunk: string) => {
    seen += chunk;
  });
  while (!seen.includes(':live')) await once(all, 'data');
  await plane.request(where);
  const own = await plane.request(stranger);
  while (eventsOf(seen).length === 0) await once(all, 'data');
  t.same(
    eventsOf(seen).map(({ data }) => data.job_id),
    [own.id],
  );
});
