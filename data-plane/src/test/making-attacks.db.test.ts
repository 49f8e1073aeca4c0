import { testDatabase } from '@platen/chassis/testkit/database';
import { type ModuleCode, modules } from '@platen/schema/modules';
import t from 'tap';
import { v7 } from 'uuid';
import { type Answer, openTestPlane } from '../testkit/test-plane.js';

// What people of one workspace can do to those of another, and what requests can say that no form would send.
const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
const eur = (amount: string) => ({ amount, currency: 'EUR' });
let tenants = 0;

const done = ({ status, body, text }: Answer) => {
  if (status >= 300) throw new Error(text);
  return body;
};

/** A new tenant with a product, a supplier and callers: of both workspaces, and of the whole organization. */
async function openShop() {
  tenants += 1;
  const tenant = plane.addTenant(`shop-${tenants}`, 'erp-1');
  const [north = '', south = ''] = tenant.workspaceIds;
  const callAs =
    (token: string) =>
    (method: Method, path: string, payload?: object, headers: Record<string, string> = {}) =>
      plane.call(tenant, token, { method, url: `/api/erp${path}`, headers, ...(payload && { payload }) });
  const at = (ws: string | null, sub = v7()) => callAs(plane.token(tenant, { ws, sub }));
  const whole = at(null);
  const made = async (path: string, payload: object) => done(await whole('POST', path, payload));
  const product = await made('/products', {
    code: 'tee',
    name: 'Tee',
    status: 'active',
    kind: 'blank',
    base_price: eur('4'),
  });
  const variant = await made(`/products/${product.id}/variants`, { sku: 'tee-m', option_values: { size: 'm' } });
  const supplier = await made('/suppliers', { code: 'blanks', name: 'Blanks', currency: 'EUR' });
  type Caller = typeof whole;
  return {
    tenant,
    product,
    north: at(north),
    south: at(south),
    whole,
    ids: { north, south },
    variant,
    supplier,
    async bought(as: Caller, more: object = {}) {
      const lines = [{ variant_id: variant.id, quantity: '10', unit_cost: eur('2') }];
      return as('POST', '/purchase-orders', { supplier_id: supplier.id, lines, ...more });
    },
    async approved(as: Caller) {
      const { id } = done(await this.bought(as));
      done(await as('POST', `/purchase-orders/${id}/submit`));
      return done(await as('POST', `/purchase-orders/${id}/approve`));
    },
  };
}

t.test('no workspace takes the codes that the stock of all the others needs', async (t) => {
  const shop = await openShop();
  for (const code of ['stock', 'outside/suppliers', 'outside/production', 'outside/transit']) {
    const taken = await shop.north('POST', '/stock/locations', { code, name: 'Mine' });
    t.match(taken, { status: 409, body: { code: 'duplicate' } }, code);
  }
  t.equal((await shop.bought(shop.south)).status, 201);
});

t.test('what the organization buys goes to a place of the organization', async (t) => {
  const shop = await openShop();
  const shelf = await shop.north('POST', '/stock/locations', { code: 'shelf', name: 'Shelf' });
  t.equal(shelf.status, 201);
  const { body } = await shop.bought(shop.whole);
  t.equal(body.workspace_id, null);
  t.not(body.location_id, shelf.body.id);
  t.equal((await shop.south('GET', `/stock/locations/${body.location_id}`)).status, 200);
  t.equal((await shop.bought(shop.north)).body.location_id, shelf.body.id, 'a workspace’s goes to its own');
  const named = await shop.bought(shop.whole, { location_id: shelf.body.id });
  t.equal(named.body.location_id, shelf.body.id, 'unless it is said');
  const foreign = await shop.bought(shop.south, { location_id: shelf.body.id });
  t.match(foreign, { status: 422, body: { code: 'unknown_reference' } });
});

t.test('lines of another purchase order are no lines of this one', async (t) => {
  const shop = await openShop();
  const [mine, other] = [await shop.approved(shop.north), await shop.approved(shop.north)];
  const lines = [{ purchase_order_line_id: other.lines[0].id, quantity: '1' }];
  for (const [what, body] of [
    ['receipts', { lines }],
    ['bills', { reference: 'A-1', lines }],
  ] as const) {
    const refused = await shop.north('POST', `/purchase-orders/${mine.id}/${what}`, body);
    t.match(refused, { status: 422, body: { code: 'unknown_reference' } }, what);
    const nobodys = { ...body, lines: [{ purchase_order_line_id: v7(), quantity: '1' }] };
    const unknown = await shop.north('POST', `/purchase-orders/${mine.id}/${what}`, nobodys);
    t.same(refused.body.errors, unknown.body.errors, 'and look like none');
  }
});

t.test('documents of the organization are read in a workspace, and not moved there', async (t) => {
  const shop = await openShop();
  const draft = (await shop.bought(shop.whole)).body;
  const order = await shop.approved(shop.whole);
  const lines = [{ purchase_order_line_id: order.lines[0].id, quantity: '1' }];
  t.equal((await shop.north('GET', `/purchase-orders/${order.id}`)).status, 200);
  for (const [method, path, body] of [
    ['PATCH', draft.id, { note: 'Mine now' }],
    ['POST', `${draft.id}/submit`],
    ['POST', `${draft.id}/cancel`, { reason: 'x' }],
    ['POST', `${order.id}/receipts`, { lines }],
    ['POST', `${order.id}/bills`, { reference: 'B-1', lines }],
    ['POST', `${order.id}/close`],
  ] as const) {
    const answer = await shop.north(method, `/purchase-orders/${path}`, body);
    t.match(answer, { status: 404, body: { code: 'not_found' } }, `${method} ${path}`);
  }
  const theirs = await shop.approved(shop.south);
  t.equal((await shop.north('GET', `/purchase-orders/${theirs.id}`)).status, 404);
  t.match(
    (await shop.north('GET', '/purchase-orders?limit=200')).body.items.map(({ id }: { id: string }) => id),
    [order.id, draft.id],
  );
});

t.test('what is submitted is what is approved', async (t) => {
  const shop = await openShop();
  const { id } = (await shop.bought(shop.north)).body;
  const path = `/purchase-orders/${id}`;
  done(await shop.north('POST', `${path}/submit`));
  const change = { lines: [{ variant_id: shop.variant.id, quantity: '999', unit_cost: eur('9') }] };
  t.match(await shop.north('PATCH', path, change), { status: 409, body: { code: 'illegal_transition' } });
  done(await shop.north('POST', `${path}/approve`));
  t.match(await shop.north('PATCH', path, change), { status: 409, body: { code: 'illegal_transition' } });
  t.match(await shop.north('POST', `${path}/reopen`), { status: 409 });
});

t.test('characters that no database takes, and numbers that no column holds', async (t) => {
  const shop = await openShop();
  const { variant, supplier, north } = shop;
  const order = await shop.approved(north);
  const [line] = order.lines;
  const shelf = done(await north('POST', '/stock/locations', { code: 'shelf', name: 'Shelf' }));
  const stage = (await north('GET', '/production/stages')).body.items[0];
  const receipt = { lines: [{ purchase_order_line_id: line.id, quantity: '1' }] };
  const count = { location_id: shelf.id, lines: [{ variant_id: variant.id, counted: '1' }] };
  const bought = { supplier_id: supplier.id, lines: [{ variant_id: variant.id, quantity: '1', unit_cost: eur('1') }] };
  const terms = { supplier_id: supplier.id, variant_id: variant.id, cost: eur('1'), lead_days: 1 };
  const most = '99999999999999.9999';
  for (const bad of ['\0', 'a\0b', '\ud800']) {
    for (const [path, body] of [
      ['/purchase-orders', { ...bought, note: bad }],
      [`/purchase-orders/${order.id}/receipts`, { ...receipt, reference: bad }],
      [`/purchase-orders/${order.id}/bills`, { ...receipt, reference: bad }],
      [`/purchase-orders/${order.id}/cancel`, { reason: bad }],
      ['/supplier-variants', { ...terms, sku: bad }],
      ['/stock/locations', { code: 'x', name: bad }],
      ['/stock/locations', { code: bad, name: 'x' }],
      ['/stock/adjustments', { ...count, reason: bad }],
      ['/production/stages', { code: 'x', name: bad, position: 1 }],
    ] as const) {
      const { status } = await north('POST', path, body);
      // Half a character is stored as the sign for one that nobody knows.
      if (bad === '\ud800') t.ok(status < 500, path);
      else t.equal(status, 400, `${JSON.stringify(bad)} at ${path}`);
    }
    for (const path of [
      `/stock/levels?sku_prefix=${encodeURIComponent(bad.replace('\ud800', '\ufffe'))}`,
      `/purchase-orders?number_prefix=${encodeURIComponent(bad.replace('\ud800', '\ufffe'))}`,
    ]) {
      t.ok((await north('GET', path)).status < 500, path);
    }
    if (bad !== '\ud800') t.equal((await north('PATCH', `/production/stages/${stage.id}`, { name: bad })).status, 400);
  }
  for (const [path, body, statuses] of [
    [
      '/purchase-orders',
      { ...bought, lines: [{ ...bought.lines[0], unit_cost: eur(most), quantity: '9999999999.9999' }] },
      [422],
    ],
    [
      '/purchase-orders',
      {
        ...bought,
        lines: [
          { ...bought.lines[0], unit_cost: eur(most) },
          { ...bought.lines[0], unit_cost: eur(most) },
        ],
      },
      [422],
    ],
    [
      `/purchase-orders/${order.id}/bills`,
      { reference: 'C', lines: [{ ...receipt.lines[0], quantity: '9999999999.9999', unit_cost: eur(most) }] },
      [422],
    ],
    [
      `/purchase-orders/${order.id}/bills`,
      { reference: 'D', lines: [{ ...receipt.lines[0], quantity: '9999999999.9999', unit_cost: eur('0') }] },
      [201],
    ],
    ['/supplier-variants', { ...terms, cost: eur(most) }, [201, 409]],
    [
      '/stock/adjustments',
      { ...count, lines: [{ variant_id: variant.id, counted: '9999999999.9999' }], reason: 'x' },
      [201],
    ],
    [
      '/stock/adjustments',
      { ...count, lines: [{ variant_id: variant.id, delta: '9999999999.9999' }], reason: 'x' },
      [201],
    ],
    ['/stock/adjustments', { ...count, lines: [{ variant_id: variant.id, delta: '-0' }], reason: 'x' }, [201]],
    [
      '/stock/moves',
      {
        from_location_id: shelf.id,
        to_location_id: order.location_id,
        lines: [{ variant_id: variant.id, quantity: '0.0001' }],
      },
      [201, 400],
    ],
    [`/purchase-orders/${order.id}/receipts`, { ...receipt, received_on: '0000-01-01' }, [201, 400]],
    [`/purchase-orders/${order.id}/receipts`, { ...receipt, received_on: '9999-12-31' }, [201, 400]],
    [`/purchase-orders/${order.id}/receipts`, { ...receipt, received_on: '2026-02-30' }, [400]],
    ['/production/stages', { code: 'far', name: 'Far', position: 1_000_001 }, [400]],
  ] as const) {
    const answer = await north('POST', path, body);
    t.ok(
      (statuses as readonly number[]).includes(answer.status),
      `${path} ${JSON.stringify(body).slice(0, 200)}: ${answer.text.slice(0, 300)}`,
    );
  }
  t.equal((await north('GET', `/purchase-orders/${order.id}/match`)).status, 200);
  t.equal((await north('GET', '/stock/levels')).status, 200);
  const many = Array.from({ length: 501 }, () => bought.lines[0]);
  t.equal((await north('POST', '/purchase-orders', { ...bought, lines: many })).status, 400);
  t.equal((await north('POST', '/purchase-orders', { ...bought, lines: many.slice(1) })).status, 201);
});

t.test('each module alone: what is switched off answers nothing, what is left works on', async (t) => {
  const shop = await openShop();
  const { north, tenant } = shop;
  const order = await shop.approved(north);
  const switchOff = (...off: readonly ModuleCode[]) =>
    plane.apply({
      kind: 'tenant',
      id: tenant.id,
      slug: tenant.slug,
      name: tenant.slug,
      status: 'active',
      domains: [],
      erp_db_key: 'erp-1',
      telemetry_db_key: null,
      authz_epoch: 0,
      modules: (Object.keys(modules) as ModuleCode[])
        .filter((code) => !off.includes(code))
        .map((code) => ({ code, valid_until: null })),
      limits: {},
    });
  const asked = {
    'erp.purchasing': [
      '/purchase-orders',
      `/purchase-orders/${order.id}/match`,
      '/purchase-orders/suggestions',
      '/supplier-variants',
    ],
    'erp.inventory': ['/stock/levels', '/stock/moves', '/stock/check', '/stock/shortages', '/stock/locations'],
    'erp.production': ['/production/board', '/production/stages', '/production/jobs', '/production/board/events'],
  } as const;
  for (const off of Object.keys(asked) as (keyof typeof asked)[]) {
    switchOff(off);
    for (const [module, paths] of Object.entries(asked)) {
      for (const path of paths) {
        if (module !== off && path.endsWith('/events')) continue;
        const answer = await north('GET', path);
        if (module === off) t.match(answer, { status: 403, body: { code: 'module_unavailable', module } }, path);
        else t.equal(answer.status, 200, `${path} without ${off}`);
      }
    }
  }
  switchOff('erp.inventory');
  const lines = [{ purchase_order_line_id: order.lines[0].id, quantity: '4' }];
  t.equal((await north('POST', `/purchase-orders/${order.id}/receipts`, { lines })).status, 201);
  switchOff();
  t.match((await north('GET', '/stock/check')).body, { differences: [] });
});
