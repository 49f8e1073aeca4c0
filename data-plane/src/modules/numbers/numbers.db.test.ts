import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import t from 'tap';
import { orderBasket } from '../../test/orders.fixture.js';
import { openSales, read } from '../../test/sales.fixture.js';
import type { TenantCtx } from '../module.js';
import { createOrderService } from '../orders/service.js';
import { nextNumberSql } from './next-number.js';

const sales = await openSales(t);
const { orders, quotes, ctxOf, db } = sales;
/** Two instances of the plane on one database, twelve connections each. */
const instances = [sales.connect(), sales.connect()];
const ctxAt = (index: number, ifMatch?: number) => {
  const on = instances[index % instances.length];
  return ctxOf({ ...(on && { on }), ...(ifMatch !== undefined && { ifMatch }) });
};
const basket = await orderBasket(sales);

type Numbered = 'quote' | 'order';
const numbersOf = (kind: Numbered) =>
  statement<{ number: string }>(
    `test.numbers_of_${kind}s`,
    `select number from erp_${kind}s where number ~ '-2026-' and number is not null order by number`,
  );
const given = {
  quote: numbersOf('quote'),
  order: numbersOf('order'),
};
const numbers = async (kind: Numbered) => (await ctxOf().db.leased.query(given[kind])).map(({ number }) => number);
const inARow = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-2026-${String(index + 1).padStart(5, '0')}`);

/** So many drafts like one that was made by the service. */
async function drafts(kind: Numbered, count: number): Promise<string[]> {
  const made = kind === 'quote' ? await quotes.create(ctxOf(), basket) : await orders.create(ctxOf(), basket);
  const { id } = read<{ id: string }>(made);
  const ids = Array.from({ length: count }, () => ctxOf().newId());
  await asSuperuser(db.superuserUrl, (client) =>
    client.query(
      `insert into erp_${kind}s select (jsonb_populate_record(d, jsonb_build_object('id', copy))).*
       from erp_${kind}s d, unnest($2::uuid[]) as copy where d.id = $1`,
      [id, ids],
    ),
  );
  return ids;
}

type Leave = (ctx: TenantCtx, id: string) => Promise<unknown>;
const leave: Record<Numbered, Leave> = {
  quote: (ctx, id) => quotes.send(ctx, id),
  order: (ctx, id) => orders.confirm(ctx, id),
};

const take = statement<{ last_number: string }>(
  'test.take_number',
  nextNumberSql({ kind: 'quote', tenantId: '$1', organizationId: '$2', year: '$3' }),
);
/** Takes a number and then fails, as a process does that dies before its COMMIT. */
const takeAndFail = (ctx: TenantCtx) =>
  ctx.db.transaction(async (tx) => {
    await tx.query(take, [ctx.tenant.id, ctx.organizationId, 2026]);
    throw new Error('given back');
  });

t.test('200 quotes sent at once by two instances, a part of them failing: no gap, no duplicate', async (t) => {
  const before = (await numbers('quote')).length;
  const ids = await drafts('quote', 200);
  const startedAt = performance.now();
  const results = await Promise.allSettled(
    ids.flatMap((id, index) => [
      leave.quote(ctxAt(index), id),
      // Every tenth twice, every tenth by somebody who read another version, every tenth number taken and given back.
      ...(index % 10 === 0 ? [leave.quote(ctxAt(index + 1), id)] : []),
      ...(index % 10 === 1 ? [leave.quote(ctxAt(index + 1, 99), id)] : []),
      ...(index % 10 === 2 ? [takeAndFail(ctxAt(index + 1))] : []),
    ]),
  );
  const tookMs = performance.now() - startedAt;
  const refusals = new Map<string, number>();
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    const name = result.reason.code ?? result.reason.message;
    refusals.set(name, (refusals.get(name) ?? 0) + 1);
  }
  t.same(Object.fromEntries(refusals), { illegal_transition: 20, version_mismatch: 20, 'given back': 20 });
  t.same(await numbers('quote'), inARow('Q', before + 200));
  t.comment(`measured: 200 sends and 60 refusals in ${tookMs.toFixed(0)} ms, ${(tookMs / 200).toFixed(2)} ms a number`);
});

t.test('the same while backends are killed', async (t) => {
  const before = { quote: (await numbers('quote')).length, order: (await numbers('order')).length };
  const work = [
    ...(await drafts('quote', 40)).map((id) => ({ kind: 'quote' as const, id })),
    ...(await drafts('order', 100)).map((id) => ({ kind: 'order' as const, id })),
  ];
  let cut = 0;
  let kills = 0;
  const finish = async ({ kind, id }: (typeof work)[number], index: number) => {
    for (;;) {
      const failure: unknown = await leave[kind](ctxAt(index), id).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure === null) return;
      if (failure instanceof AppError) {
        // It was done before, when only the answer was lost.
        if (failure.code === 'illegal_transition') return;
        if (failure.code !== 'database_unavailable') throw failure;
      }
      cut += 1;
    }
  };
  await asSuperuser(db.superuserUrl, async (client) => {
    const kill = async (condition: string, most: number) => {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()
           and backend_type = 'client backend' and ${condition} limit ${most}`,
        [db.name],
      );
      kills += rowCount ?? 0;
    };
    // All of them wait for a number, and half of those that wait are killed.
    await client.query('begin');
    await client.query('select from erp_number_sequences for update');
    let done = false;
    const working = Promise.all(work.map(finish)).finally(() => {
      done = true;
    });
    while (kills < 12) await kill(`wait_event_type = 'Lock'`, 12);
    await client.query('commit');
    // Then whoever is at it, some in the middle of their COMMIT.
    while (!done && kills < 30) await kill(`state <> 'idle'`, 1);
    await working;
    const { rows } = await client.query<{ deadlocks: string }>(
      'select deadlocks::text from pg_stat_database where datname = $1',
      [db.name],
    );
    t.equal(rows[0]?.deadlocks, '0');
  });
  t.same(await numbers('quote'), inARow('Q', before.quote + 40));
  t.same(await numbers('order'), inARow('SO', before.order + 100));
  t.comment(`measured: ${kills} backends killed under 140 numbers, ${cut} attempts cut`);
});

t.test('the year is the organization’s, the prefix what its settings say', async (t) => {
  const { settings } = sales.organization;
  const service = (prefix: string) =>
    createOrderService({
      ...sales,
      findOrganization: () => ({ ...sales.organization, settings: { ...settings, order_prefix: prefix } }),
    });
  const confirm = async (prefix: string, at: string) => {
    const { id } = read<{ id: string }>(await orders.create(ctxOf(), basket));
    return read<{ number: string }>(await service(prefix).confirm(ctxOf({ at: new Date(at) }), id)).number;
  };
  t.equal(settings.time_zone, 'Europe/Berlin');
  t.equal(await confirm('SO', '2029-12-31T22:59:59.999Z'), 'SO-2029-00001');
  t.equal(await confirm('SO', '2029-12-31T23:00:00.000Z'), 'SO-2030-00001', 'midnight in Berlin');
  t.equal(await confirm('AB', '2030-01-01T12:00:00.000Z'), 'AB-2030-00002', 'a new prefix counts on');
  t.equal(await confirm('SO', '2029-12-31T12:00:00.000Z'), 'SO-2029-00002', 'a year counts for itself');
});

t.test('waiting for one lock costs no more than the work itself', async (t) => {
  const ids = await drafts('order', 80);
  const alone = ids.splice(0, 20);
  const msOf = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  const ping = statement<{ one: string }>('test.ping', 'select 1 as one');
  const trip = await msOf(async () => {
    for (let n = 0; n < 20; n += 1) await ctxOf().db.leased.query(ping);
  });
  const inTurn = await msOf(async () => {
    for (const id of alone) await leave.order(ctxAt(0), id);
  });
  const atOnce = await msOf(() => Promise.all(ids.map((id, index) => leave.order(ctxAt(index), id))));
  t.comment(
    `measured: ${(inTurn / 20).toFixed(2)} ms an order confirmed in turn, ${(atOnce / 60).toFixed(2)} ms with 60 after one number; a round trip takes ${(trip / 20).toFixed(2)} ms`,
  );
  const all = await numbers('order');
  t.same(all, inARow('SO', all.length));
});
