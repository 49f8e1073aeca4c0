import { dnMaps } from '@platen/schema/contracts/data/dn-maps';
import type { DnMapDetail } from '@platen/schema/contracts/data/dn-shapes';
import { DnMap } from '@platen/schema/contracts/data/dn-shapes';
import type { DnMapKind } from '@platen/schema/states/deconetwork';
import t from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { v7 as uuidv7 } from 'uuid';
import { findConnection } from '../connections/find.js';
import { openSites } from '../connections/sites.fixture.js';
import { putUpForReview } from './put-up-for-review.js';

const sites = await openSites(t);
const { acme, shop, main, as, inMain, connect, sql } = sites;
const [, promo] = acme.organizationIds;
const [, harbor] = acme.workspaceIds;
const globex = sites.addTenant('globex', 'erp_1');
const fits = (schema: TSchema, value: unknown) =>
  [...Compile(schema).Errors(value)].map((error) => `${error.instancePath} ${error.message}`).join('; ');

let codes = 0;
const post = async (url: string, payload: object, org = shop) => {
  const token = sites.token(acme, { org });
  const { status, body, text } = await sites.call(acme, token, { method: 'POST', url: `/api/erp/${url}`, payload });
  if (status !== 201) throw new Error(text);
  return body as { id: string };
};
const newCustomer = (more: object = {}, org = shop) =>
  post('customers', { code: `c-${++codes}`, name: `Customer ${codes}`, ...more }, org);
const newProduct = (more: object = {}) =>
  post('products', {
    code: `p-${++codes}`,
    name: `Product ${codes}`,
    kind: 'blank',
    base_price: { amount: '1.00', currency: 'EUR' },
    ...more,
  });
const newVariant = async (sku: string) =>
  post(`products/${(await newProduct()).id}/variants`, { sku, option_values: { size: 'm' } });

const place = { tenant: acme, workspaceId: main };
interface Wanted {
  readonly kind: DnMapKind;
  readonly dn_id: string;
  readonly label: string;
  readonly detail: DnMapDetail;
}
/** As an import meets them. */
const meet = (connectionId: string, wanted: readonly Wanted[]) =>
  sites.db(place).transaction(async (tx) => {
    const connection = await findConnection(tx, connectionId);
    if (!connection) throw new Error('no connection');
    await putUpForReview(tx, connection, wanted, () => uuidv7());
  });
const customer = (dnId: string, label: string, email: string | null = null): Wanted => ({
  kind: 'customer',
  dn_id: dnId,
  label,
  detail: { email },
});
const mapOf = async (connectionId: string, dnId: string) =>
  (await inMain('GET', `maps?connection_id=${connectionId}&dn_id_prefix=${dnId}`)).body.items[0];

t.test('strangers are put up for review with what they may be; nothing is mapped by itself', async (t) => {
  const { id } = await connect();
  const variant = await newVariant('tee-black-m');
  const product = await newProduct({ code: 'g5000', name: 'Heavy Cotton' });
  const byEmail = await newCustomer({ email: 'club@rowing.test', name: 'Rowing' });
  const byName = await newCustomer({ name: 'Harbor  Swim CLUB' });
  await newCustomer({ name: 'Twins' });
  await newCustomer({ name: 'twins' });
  const wanted: Wanted[] = [
    { kind: 'variant', dn_id: '19617_1378', label: 'Tee black M', detail: { sku: 'TEE-BLACK-M' } },
    { kind: 'product', dn_id: '7', label: 'Something else', detail: { code: 'G5000' } },
    { kind: 'product', dn_id: '8', label: 'heavy cotton', detail: { code: 'unheard' } },
    customer('1', 'Another name', 'Club@Rowing.TEST'),
    customer('2', ' harbor swim club'),
    customer('3', 'TWINS'),
    customer('4', 'Nobody', 'nobody@nowhere.test'),
    { kind: 'status', dn_id: '9', label: 'Unheard of', detail: {} },
    { kind: 'status', dn_id: '1', label: 'Ordered', detail: {} },
    customer('1', 'A second mention'),
  ];
  await meet(id, wanted);
  const ordered = await inMain('GET', `maps?connection_id=${id}&kind=status&dn_id_prefix=1`);
  t.match(ordered.body.items, [{ state: 'mapped', local_code: 'confirmed' }], 'a known one stays');
  const suggested = async (dnId: string) => {
    const { suggested_id, suggested_by, state, local_id } = await mapOf(id, dnId);
    t.match({ state, local_id }, { state: 'review', local_id: null }, `${dnId}: nobody said`);
    return [suggested_by, suggested_id];
  };
  t.same(await suggested('19617'), ['sku', variant.id]);
  t.same(await suggested('7'), ['code', product.id]);
  t.same(await suggested('8'), ['name', product.id]);
  const page = (await inMain('GET', `maps?connection_id=${id}&kind=customer`)).body;
  t.equal(fits(dnMaps.list.response, page), '');
  t.same(
    page.items.map((map: { dn_id: string; suggested_by: string; suggested_id: string }) => [
      map.dn_id,
      map.suggested_by,
      map.suggested_id,
    ]),
    [
      ['4', null, null],
      ['3', null, null],
      ['2', 'name', byName.id],
      ['1', 'email', byEmail.id],
    ],
  );
  t.match(await sites.get(id), { in_review: 8 });
  const before = await sql('select id, version, updated_at from dn_maps where connection_id = $1 order by id', [id]);
  await meet(id, wanted);
  t.same(
    await sql('select id, version, updated_at from dn_maps where connection_id = $1 order by id', [id]),
    before,
    'met again, nothing is written',
  );
});

t.test('a person says what a record is; what an import knew of the one before is forgotten', async (t) => {
  const { id } = await connect();
  await meet(id, [
    customer('10', 'Somebody'),
    customer('11', 'Somebody else'),
    { kind: 'order', dn_id: 'INV1', label: 'INV1', detail: {} },
  ]);
  const [ours, others] = [await newCustomer(), await newCustomer({}, promo)];
  const map = await mapOf(id, '10');
  const path = `maps/${map.id}`;
  t.equal(fits(DnMap, (await inMain('GET', path)).body), '');
  const said = await inMain('PATCH', path, { local_id: ours.id }, { 'if-match': '"1"' });
  t.match(said, { status: 200, headers: { etag: '"2"' }, body: { state: 'mapped', local_id: ours.id, version: 2 } });
  t.ok(said.body.mapped_by && said.body.mapped_at);
  t.match(await inMain('PATCH', path, { state: 'ignored' }, { 'if-match': '"1"' }), { status: 412 });
  t.match(await inMain('PATCH', `maps/${(await mapOf(id, '11')).id}`, { local_id: ours.id }), {
    status: 409,
    body: { code: 'duplicate' },
  });

  const refused: [object, number, string][] = [
    [{ local_id: others.id }, 422, 'unknown_reference'],
    [{ local_id: (await newProduct()).id }, 422, 'unknown_reference'],
    [{ local_id: uuidv7() }, 422, 'unknown_reference'],
    [{ local_code: 'ready' }, 400, 'validation_failed'],
    [{ local_id: ours.id, state: 'ignored' }, 400, 'validation_failed'],
    [{}, 400, 'validation_failed'],
    [{ state: 'mapped' }, 400, 'validation_failed'],
    [{ dn_id: '12' }, 400, 'validation_failed'],
  ];
  for (const [body, status, code] of refused) {
    t.match(await inMain('PATCH', path, body), { status, body: { code } }, JSON.stringify(body));
  }
  const applied = () =>
    sql(`update dn_maps set dn_hash = $2, base = '{"name": "x"}', created_by_job_id = $3 where id = $1`, [
      map.id,
      'a'.repeat(64),
      uuidv7(),
    ]);
  const known = async () =>
    (await sql('select dn_hash, base, created_by_job_id from dn_maps where id = $1', [map.id]))[0];
  await applied();
  t.match(await inMain('PATCH', path, { local_id: ours.id }), { body: { version: 2 } }, 'as it was');
  t.ok((await known())?.['created_by_job_id'], 'the same record still');
  const another = await newCustomer();
  await inMain('PATCH', path, { local_id: another.id });
  t.same(
    await known(),
    { dn_hash: null, base: null, created_by_job_id: null },
    'an undo takes away nothing that it had not made',
  );
  await applied();
  t.match((await inMain('PATCH', path, { state: 'ignored' })).body, {
    state: 'ignored',
    local_id: null,
    mapped_by: null,
  });
  t.same(await known(), { dn_hash: null, base: null, created_by_job_id: null });
  t.match((await inMain('PATCH', path, { state: 'review' })).body, { state: 'review' });

  const status = await mapOf(id, '2');
  t.match((await inMain('PATCH', `maps/${status.id}`, { local_code: 'in_production' })).body, {
    local_code: 'in_production',
    state: 'mapped',
  });
  t.match(await inMain('PATCH', `maps/${status.id}`, { local_code: 'lost' }), { status: 400 });
  t.match(await inMain('PATCH', `maps/${status.id}`, { local_id: ours.id }), { status: 400 });
});

t.test("somebody else's maps are not there, nor are their records", async (t) => {
  const { id } = await connect();
  await meet(id, [customer('20', 'Mine')]);
  const map = await mapOf(id, '20');
  const strangers = {
    'another tenant': as({}, globex),
    'another organization': as({ org: promo, ws: null }),
    'another workspace': as({ ws: harbor }),
  };
  for (const [who, call] of Object.entries(strangers)) {
    t.match(await call('GET', `maps/${map.id}`), { status: 404 }, who);
    t.match(await call('GET', `maps/${map.id}/trail`), { status: 404 }, who);
    t.match(await call('PATCH', `maps/${map.id}`, { state: 'ignored' }), { status: 404 }, who);
    t.same((await call('GET', 'maps')).body.items, [], who);
    const bulk = { connection_id: id, kind: 'customer' };
    t.match(
      await call('POST', 'maps/confirm', { ...bulk, suggested_by: ['name'] }),
      { status: 422, body: { code: 'unknown_reference' } },
      who,
    );
    t.match(await call('POST', 'maps/suggest', bulk), { status: 422, body: { code: 'unknown_reference' } }, who);
  }
  const wide = as({ ws: null });
  t.match(await wide('PATCH', `maps/${map.id}`, { state: 'ignored' }), {
    status: 403,
    body: { code: 'context_not_allowed' },
  });
  t.match(await wide('POST', 'maps/suggest', { connection_id: id }), { status: 403 });
  const reader = as({ permissions: ['erp.dn_import.read'] });
  t.match(await reader('PATCH', `maps/${map.id}`, { state: 'ignored' }), { status: 403 });
});

t.test('suggestions are taken in bulk, all that are beyond doubt', async (t) => {
  const { id } = await connect();
  const [one, two, both, taken, gone] = [
    await newCustomer({ email: 'one@bulk.test' }),
    await newCustomer({ name: 'Two of bulk' }),
    await newCustomer({ email: 'both@bulk.test' }),
    await newCustomer({ email: 'taken@bulk.test' }),
    await newCustomer({ email: 'gone@bulk.test' }),
  ];
  await meet(id, [
    customer('1', 'One', 'one@bulk.test'),
    customer('2', 'two of BULK'),
    customer('3', 'Both', 'both@bulk.test'),
    customer('4', 'Both again', 'both@bulk.test'),
    customer('5', 'Taken', 'taken@bulk.test'),
    customer('6', 'Gone', 'gone@bulk.test'),
    customer('7', 'Nothing known'),
  ]);
  const maps = new Map<string, { id: string }>();
  for (const map of (await inMain('GET', `maps?connection_id=${id}&kind=customer`)).body.items)
    maps.set(map.dn_id, map);
  const mapId = (dnId: string) => maps.get(dnId)?.id ?? '';
  await meet(id, [customer('8', 'Has it')]);
  const holder = await mapOf(id, '8');
  await inMain('PATCH', `maps/${holder.id}`, { local_id: taken.id });
  await sql('update dn_maps set suggested_id = $2 where id = $1', [mapId('6'), uuidv7()]);
  const confirm = (more: object) => inMain('POST', 'maps/confirm', { connection_id: id, kind: 'customer', ...more });

  const first = await confirm({
    suggested_by: ['email'],
    map_ids: [...maps.values()].map((map) => map.id).concat(uuidv7(), holder.id),
  });
  t.equal(fits(dnMaps.confirm.response, first.body), '');
  t.match(first.body, { confirmed: 1, remaining: 0 });
  const reasons = new Map<string, string>();
  for (const { map_id, reason } of first.body.skipped) reasons.set(map_id, reason);
  t.same(
    ['2', '3', '4', '5', '6', '7'].map((dnId) => reasons.get(mapId(dnId))),
    ['no_suggestion', 'ambiguous', 'ambiguous', 'already_mapped', 'gone', 'no_suggestion'],
  );
  t.equal(reasons.get(holder.id), 'not_in_review');
  t.same([...reasons.values()].filter((reason) => reason === 'not_found').length, 1);
  const rest = await confirm({ suggested_by: ['email', 'name'] });
  t.match(rest.body, { confirmed: 1, remaining: 0 });
  t.equal(rest.body.skipped.length, 4);
  t.match(await mapOf(id, '1'), { state: 'mapped', local_id: one.id, suggested_id: null });
  t.match(await mapOf(id, '2'), { local_id: two.id });

  await inMain('PATCH', `maps/${mapId('4')}`, { state: 'ignored' });
  t.match((await confirm({ suggested_by: ['email'] })).body, { confirmed: 1 }, 'no doubt any more');
  t.match(await mapOf(id, '3'), { local_id: both.id });
  const late = await newCustomer({ name: 'nothing known' });
  const again = await inMain('POST', 'maps/suggest', { connection_id: id });
  t.match(again.body, { looked_at: 3, suggested: 2, next: null }, JSON.stringify(again.body));
  t.match(await mapOf(id, '7'), { suggested_id: late.id, suggested_by: 'name' });
  t.match(await mapOf(id, '6'), { suggested_id: gone.id }, 'it is here again');
});

t.test('a thousand at once, and as many again', async (t) => {
  const { id } = await connect();
  const names = Array.from({ length: 1_100 }, (_, n) => `Bulk club ${n}`);
  await sql(
    `insert into erp_customers (tenant_id, organization_id, id, code, name, currency)
     select $1, $2, gen_random_uuid(), 'bulk-' || n, 'BULK CLUB ' || n, 'EUR' from generate_series(0, 1099) n`,
    [acme.id, shop],
  );
  const started = performance.now();
  for (let n = 0; n < names.length; n += 100) {
    await meet(
      id,
      names.slice(n, n + 100).map((name, at) => customer(`b${n + at}`, name, `b${n + at}@bulk.test`)),
    );
  }
  const met = performance.now();
  const body = { connection_id: id, kind: 'customer', suggested_by: ['name'] };
  t.match((await inMain('POST', 'maps/confirm', body)).body, { confirmed: 1_000, skipped: [], remaining: 100 });
  const confirmed = performance.now();
  t.match((await inMain('POST', 'maps/confirm', body)).body, { confirmed: 100, skipped: [], remaining: 0 });
  t.comment(
    `measured: 100 strangers met in ${((met - started) / 11).toFixed(0)} ms, 1000 confirmed in ${(confirmed - met).toFixed(0)} ms`,
  );
});

t.test('the way of a record, from the site to here and back', async (t) => {
  const { id } = await connect();
  await meet(id, [{ kind: 'order', dn_id: 'INV77', label: 'INV77', detail: {} }]);
  const map = await mapOf(id, 'INV77');
  await sites.passTest(id);
  const { body: job } = await inMain('POST', 'import-jobs', { connection_id: id });
  const ids = [uuidv7(), uuidv7(), uuidv7()];
  for (const [rowId, table] of [
    [ids[0], 'row'],
    [ids[1], 'call'],
    [ids[2], 'row'],
  ] as const) {
    if (table === 'call') {
      await sql(
        `insert into dn_calls (tenant_id, organization_id, workspace_id, id, connection_id, kind, map_id, request)
         values ($1, $2, $3, $4, $5, 'status', $6, '{"order_id": "INV77"}')`,
        [acme.id, shop, main, rowId, id, map.id],
      );
    } else {
      await sql(
        `insert into dn_import_job_rows (tenant_id, organization_id, workspace_id, id, job_id, kind, dn_id, outcome, map_id)
         values ($1, $2, $3, $4, $5, 'order', $6, 'created', $7)`,
        [acme.id, shop, main, rowId, job.id, `INV77-${rowId}`, map.id],
      );
    }
  }
  const trail = await inMain('GET', `maps/${map.id}/trail?limit=2`);
  t.equal(fits(dnMaps.trail.response, trail.body), '');
  t.same(
    trail.body.items.map((step: { id: string }) => step.id),
    [ids[2], ids[1]],
  );
  t.match(trail.body.items, [
    { row: { job_id: job.id }, call: null },
    { row: null, call: { kind: 'status' } },
  ]);
  const next = await inMain('GET', `maps/${map.id}/trail?limit=2&cursor=${trail.body.next_cursor}`);
  t.same([next.body.items.map((step: { id: string }) => step.id), next.body.next_cursor], [[ids[0]], null]);
});
