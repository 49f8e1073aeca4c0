import { statement } from '@platen/chassis/db/statement';
import { roles, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { startControlPlane } from '../../test/control-plane.js';
import { auditHeadLog, recordAudit, verifyExport } from './index.js';

const { acme, globex } = tenants;
const [, sales] = acme.users;

interface Page {
  readonly items: readonly { readonly seq: number; readonly action: string; readonly target: string }[];
  readonly next_cursor: string | null;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  yield* file.split('\n').filter((line) => line !== '');
}

t.test('administrators read and export what happened in their tenant, and nothing else', async (t) => {
  const plane = await startControlPlane(t);
  const write = (tenantId: string | null, action: `${string}.${string}`, target: `${string}:${string}`) =>
    plane.platformDb.transaction(async (tx) => {
      const ctx = { principal: null, ip: '192.0.2.7', correlationId: 'test-correlation', newId: () => uuidv7() };
      recordAudit(tx, ctx, tenantId, { action, target, after: { price: '1.10', n: 1.5 } });
    });
  for (let n = 0; n < 5; n += 1) await write(globex.id, 'role.delete', `role:${n}`);
  const admin = plane.browser();
  await admin.signIn('admin@acme.test');
  for (let n = 0; n < 5; n += 1) await write(acme.id, n % 2 === 0 ? 'role.create' : 'role.update', `role:${n}`);
  const read = async (query: string): Promise<Page> => {
    const answer = await admin.call('GET', `/api/admin/audit-events${query}`);
    t.equal(answer.statusCode, 200, answer.body);
    return answer.json() as Page;
  };
  const all = await read('?limit=200');
  t.same(
    all.items.slice(0, 5).map(({ target }) => target),
    ['role:4', 'role:3', 'role:2', 'role:1', 'role:0'],
    'newest first',
  );
  t.match(all.items[0], {
    tenant_id: acme.id,
    actor_type: 'anonymous',
    ip: '192.0.2.7',
    before: null,
    after: { price: '1.10' },
  });
  t.ok(all.items.every((item) => !('tenant_id' in item) || item.tenant_id === acme.id));
  const first = await read('?limit=2');
  const second = await read(`?limit=2&cursor=${first.next_cursor}`);
  t.same([...first.items, ...second.items], all.items.slice(0, 4), 'in pages');
  t.equal((await read('?action=role.update')).items.length, 2);
  t.equal((await read('?target=role:3')).items.length, 1);
  t.equal((await read(`?actor_id=${sales.id}`)).items.length, 0);
  t.equal((await read('?to=2020-01-01T00:00:00.000Z')).items.length, 0);
  t.equal((await read('?from=2020-01-01T00:00:00.000Z&limit=200')).items.length, all.items.length);
  t.equal((await admin.call('GET', '/api/admin/audit-events?from=2026-02-31T00:00:99.000Z')).statusCode, 400);
  t.equal(
    (await admin.call('GET', `/api/admin/audit-events?action=role.create&cursor=${first.next_cursor}`)).statusCode,
    400,
  );

  const file = await admin.call('GET', '/api/admin/audit-events/export');
  t.equal(file.statusCode, 200);
  t.match(file.headers['content-type'], /^application\/x-ndjson/);
  t.match(await verifyExport(linesOf(file.body)), { tenantId: acme.id, checked: all.items.length, problems: [] });
  t.equal((await admin.call('GET', '/api/admin/audit-events/export?after_seq=999')).statusCode, 404);

  const seller = plane.browser();
  await seller.signIn(sales.email);
  t.equal((await seller.call('GET', '/api/admin/audit-events')).json().code, 'permission_denied');

  // The permission in one organization does not open the tenant's log.
  await plane.sql(
    `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id)
     select $1, gen_random_uuid(), $2, $3, 'organization', o.id from res_organizations o where o.tenant_id = $1`,
    [acme.id, sales.id, roles.tenant_admin.id],
  );
  const local = plane.browser();
  await local.signIn(sales.email);
  const organization = Object.values(acme.organizations)[0];
  await local.call('POST', '/api/context/switch', { organization_id: organization?.id });
  for (const path of ['', '/export']) {
    const refused = await local.call('GET', `/api/admin/audit-events${path}`);
    t.equal(refused.json().code, 'permission_denied', `tenant-wide: ${path}`);
  }
});

t.test('the ends of the chains that have grown go into the log', async (t) => {
  const plane = await startControlPlane(t);
  const heads = auditHeadLog(plane.log.log, new Date(0));
  const run = () => plane.platformDb.transaction((tx) => heads.deleteSome(tx, 500));
  await plane.browser().signIn('admin@acme.test');
  await plane.platformDb.transaction(async (tx) => {
    const ctx = { principal: null, ip: null, correlationId: 'test-correlation', newId: () => uuidv7() };
    recordAudit(tx, ctx, null, { action: 'tenant.update', target: 'tenant:1' });
  });
  await run();
  const [head] = await plane.platformDb.query(
    statement<{ last_hash: string }>('test_head', 'select last_hash from audit_heads where tenant_id is null'),
  );
  const lines = JSON.stringify(plane.log.lines);
  t.match(lines, `1:${head?.last_hash}`, 'not cut out as a secret');
});
