import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { noStats } from '@platen/chassis/db/types';
import { claimDueWork, type DueWork } from '@platen/chassis/due-work/entries';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { recordLog } from '@platen/chassis/testkit/http';
import { patient } from '@platen/chassis/testkit/patient';
import { quoteEvents } from '@platen/schema/events/quote';
import { migrationsFolder } from '@platen/schema/migrations';
import t, { type Test } from 'tap';
import { Value } from 'typebox/value';
import { v7 } from 'uuid';
import { createRunners } from '../../due-work/due-work.js';
import { harbor, mainStreet } from '../../test/sales.fixture.js';
import { openDesk } from './desk.fixture.js';
import { type ExpiryCall, expireDueQuote, quoteExpiryDue, runDueQuote } from './expire-quote.js';

type EventType = keyof typeof quoteEvents;
const selectEvents = statement<{ type: EventType; payload: object; workspace_id: string }>(
  'test.quote_events',
  'select type, payload, workspace_id from outbox_events where right(key, 36) = $1 order by seq',
  { parse: { payload: 'json' } },
);
const selectDue = statement<{ due_at: Date; workspace_id: string; organization_id: string }>(
  'test.due_quotes',
  `select due_at, workspace_id, organization_id from due_work where kind = 'quote_expiry' and ref_id = $1`,
  { parse: { due_at: 'date' } },
);

async function open(t: Test) {
  const desk = await openDesk(t);
  const { ctxOf, clock, db } = desk;
  const system = systemDatabase({ name: 'due', url: db.systemUrl, poolSize: 1, ...patient });
  t.teardown(() => system.close());
  const callOf = (workspaceId = mainStreet, timeZone?: string): ExpiryCall => ({
    db: ctxOf({ workspaceId }).db,
    organization: {
      ...desk.organization,
      settings: { ...desk.organization.settings, ...(timeZone && { time_zone: timeZone }) },
    },
    correlationId: 'test-due-work',
    traceparent: null,
    newId: () => v7(),
    now: () => clock.at,
  });
  return {
    ...desk,
    callOf,
    due: (id: string) => ctxOf().db.leased.query(selectDue, [id]),
    toldOf: (id: string) => ctxOf().db.leased.query(selectEvents, [id]),
    shown: async (id: string) => (await desk.asClerk('GET', `/${id}`)).body,
    claim: async (): Promise<DueWork> => {
      const work = await claimDueWork(system, [quoteExpiryDue], 30);
      if (!work) throw new Error('nothing is due');
      return work;
    },
  };
}

type Desk = Awaited<ReturnType<typeof open>>;
const typesOf = async ({ toldOf }: Desk, id: string) => (await toldOf(id)).map(({ type }) => type);

t.test('sending says when the quote expires: at the end of its last day, by the organization’s clock', async (t) => {
  const desk = await open(t);
  const draft = await desk.draft();
  const stats = noStats();
  await desk.quotes.send(desk.ctxOf({ stats }), draft.id);
  t.equal(stats.roundTrips, 3, 'lock and content, number and all else, commit');
  t.equal(draft.valid_until, '2026-03-31');
  t.match(await desk.due(draft.id), [
    // Berlin, in summer time by then.
    { due_at: new Date('2026-03-31T22:00:00.000Z'), workspace_id: mainStreet, organization_id: desk.organization.id },
  ]);
  t.match(await desk.due((await desk.draft()).id), [], 'a draft never does');
});

t.test('an entry that is due is told once; who hears it marks the quote once', async (t) => {
  const desk = await open(t);
  const { quote, link } = await desk.sent();
  const { id } = quote;
  const early = await desk.claim();
  t.equal(early.ref_id, id);
  await runDueQuote(desk.callOf(), early);
  t.same(await typesOf(desk, id), ['erp.quote.sent'], 'not before its time');
  t.equal((await desk.due(id)).length, 1);
  t.equal(await expireDueQuote(desk.callOf(), id), false);

  desk.clock.at = new Date('2026-03-31T22:00:00.000Z');
  const [first, second] = [await desk.claim(), { attempts: 0 }];
  await runDueQuote(desk.callOf(), first);
  await t.rejects(runDueQuote(desk.callOf(), { ...first, ...second }), { name: 'DueWorkLost' });
  t.same(await desk.due(id), []);
  t.same(await typesOf(desk, id), ['erp.quote.sent', 'erp.quote.expiry_due']);
  t.match(await desk.shown(id), { status: 'expired', version: quote.version }, 'which readers knew without it');

  await t.rejects(expireDueQuote(desk.callOf(harbor), id), { code: 'not_found' });
  t.same(await Promise.all([1, 2, 3].map(() => expireDueQuote(desk.callOf(), id))), [true, true, true]);
  const told = await desk.toldOf(id);
  t.same(
    told.map(({ type }) => type),
    ['erp.quote.sent', 'erp.quote.expiry_due', 'erp.quote.expired'],
  );
  for (const { type, payload, workspace_id } of told) {
    t.ok(Value.Check(quoteEvents[type], payload), type);
    t.equal(workspace_id, mainStreet);
  }
  t.match(told[2]?.payload, { quote_id: id, number: quote.number });
  t.match(await desk.shown(id), { status: 'expired', version: quote.version + 1 });
  t.match((await desk.asCustomer('GET', link)).body, { status: 'expired' });
  const answer = { action: 'accept', document_hash: quote.document_hash, name: 'Ada' };
  t.equal((await desk.asCustomer('POST', link, answer)).body.code, 'quote_expired');
  t.equal((await desk.asClerk('POST', `/${id}/accept`)).body.code, 'quote_expired');
});

t.test('what was answered or taken back is left as it is', async (t) => {
  const desk = await open(t);
  const moves = { accept: 'accepted', reject: 'rejected', revise: 'superseded' } as const;
  for (const [move, status] of Object.entries(moves)) {
    desk.clock.at = new Date('2026-03-01T09:30:00.000Z');
    const { id } = (await desk.sent()).quote;
    t.ok((await desk.asClerk('POST', `/${id}/${move}`, move === 'accept' ? undefined : {})).status < 300, move);
    desk.clock.at = new Date('2026-04-02T00:00:00.000Z');
    const before = await typesOf(desk, id);
    await runDueQuote(desk.callOf(), await desk.claim());
    t.same(await desk.due(id), [], `the entry of one that is ${status} is thrown away`);
    t.equal(await expireDueQuote(desk.callOf(), id), false);
    t.same(await typesOf(desk, id), before);
    t.equal((await desk.shown(id)).status, status);
  }
});

t.test('the answer and the end of the day at once: one of them', async (t) => {
  const desk = await open(t);
  for (let round = 0; round < 6; round += 1) {
    desk.clock.at = new Date('2026-03-01T09:30:00.000Z');
    const { id } = (await desk.sent()).quote;
    const late = { ...desk.callOf(), now: () => new Date('2026-04-02T00:00:00.000Z') };
    const [, answer] = await Promise.all([expireDueQuote(late, id), desk.asClerk('POST', `/${id}/accept`)]);
    const types = await typesOf(desk, id);
    t.same(types.slice(1), [answer.status === 200 ? 'erp.quote.accepted' : 'erp.quote.expired']);
    t.equal((await desk.shown(id)).status, answer.status === 200 ? 'accepted' : 'expired');
  }
});

t.test('an organization that moves west gives its quotes the hours of the way', async (t) => {
  const desk = await open(t);
  const { id } = (await desk.sent()).quote;
  desk.clock.at = new Date('2026-03-31T23:00:00.000Z');
  await runDueQuote(desk.callOf(), await desk.claim());
  const there = desk.callOf(mainStreet, 'America/Los_Angeles');
  t.equal(await expireDueQuote(there, id), false);
  t.match(await desk.due(id), [{ due_at: new Date('2026-04-01T07:00:00.000Z') }], 'and it comes again');
});

t.test('quotes that were sent before there were entries are taken up, and told at their time', async (t) => {
  const desk = await open(t);
  const { id } = (await desk.sent()).quote;
  await asSuperuser(desk.db.superuserUrl, (client) => client.query('delete from due_work'));
  const migration = await readFile(path.join(migrationsFolder('erp'), '0019_adopt_sent_quotes.sql'), 'utf8');
  // As who migrates, who is no superuser.
  for (const _twice of [1, 2]) await asSuperuser(desk.db.ownerUrl, (client) => client.query(migration));
  const { id: organization } = desk.organization;
  t.match(await desk.due(id), [
    { due_at: new Date('2026-03-31T10:00:00.000Z'), workspace_id: mainStreet, organization_id: organization },
  ]);
  await runDueQuote(desk.callOf(), await desk.claim());
  t.same(await typesOf(desk, id), ['erp.quote.sent'], 'put off');
  desk.clock.at = new Date('2026-03-31T22:00:00.000Z');
  await asSuperuser(desk.db.superuserUrl, (client) =>
    client.query(`update due_work set due_at = now() - interval '1 ms'`),
  );
  await runDueQuote(desk.callOf(), await desk.claim());
  t.same(await typesOf(desk, id), ['erp.quote.sent', 'erp.quote.expiry_due']);
});

t.test('the plane finds what is due, and tells it in its tenant’s scope', async (t) => {
  const desk = await open(t);
  const { quote } = await desk.sent();
  await asSuperuser(desk.db.superuserUrl, (client) =>
    client.query(`update due_work set due_at = now() - interval '1 ms' where kind = '${quoteExpiryDue}';
      update erp_quotes set valid_until = '2026-02-01' where id = '${quote.id}'`),
  );
  const system = systemDatabase({ name: 'runner', url: desk.db.systemUrl, poolSize: 2, ...patient });
  t.teardown(() => system.close());
  const { app, store, router } = desk.plane;
  const deps = {
    databases: [{ key: 'erp-1', system }],
    feed: store,
    openDb: router.open,
    openTelemetryDb: router.openTelemetry,
    log: recordLog().log,
  };
  const [runner] = createRunners(deps, app.dueWork);
  await runner?.runDue();
  t.same(await typesOf(desk, quote.id), ['erp.quote.sent', 'erp.quote.expiry_due']);
  t.same(await desk.due(quote.id), []);
});
