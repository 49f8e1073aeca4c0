import { until } from '@platen/chassis/testkit/until';
import { purgeOrderOf } from '@platen/schema/purge-order';
import { plans, platformAdmins, tenants as seeded } from '@platen/schema/seeds/identities';
import { PlatenNetworkError } from '@platen/sdk/internal';
import t, { type Test } from 'tap';
import { type Browser, startControlPlane, type TestControlPlane } from '../../test/control-plane.js';
import type { TenantDatabasesClient } from './data-plane.js';
import { createTenantWork } from './work.js';

const { owner, operator, auditor } = platformAdmins;

/** A data plane's part, played by the test. */
function playDataPlane() {
  const calls: string[] = [];
  const play = {
    calls,
    state: 'ok' as 'ok' | 'unknown' | 'away',
    telemetryState: 'ok' as 'ok' | 'unknown' | 'away',
    isAway: false,
    /** Called before each answer. */
    before: async (_call: string): Promise<void> => undefined,
  };
  const answer = async <R>(call: string, result: R): Promise<R> => {
    calls.push(call);
    await play.before(call);
    if (play.isAway) throw new PlatenNetworkError('internal.tenants.check', 'connection', 'test');
    return result;
  };
  const databases: TenantDatabasesClient = {
    check: (_id, { erp_db_key, telemetry_db_key }) =>
      answer('check', {
        databases: [
          { key: erp_db_key, state: play.state },
          ...(telemetry_db_key == null ? [] : [{ key: telemetry_db_key, state: play.telemetryState }]),
        ],
      }),
    prepare: (_id) => answer('prepare', undefined),
    purge: (id) => answer(`purge ${id}`, { deleted: 3 }),
  };
  return { play, databases };
}

async function open(t: Test, settings: { readonly defaultTelemetryDbKey?: string } = {}) {
  const { play, databases } = playDataPlane();
  const plane = await startControlPlane(t, { tenantDatabases: databases, ...settings });
  const as = async (email: string): Promise<Browser> => {
    const browser = plane.browser('platform.localhost');
    const response = await browser.call('POST', '/platform/auth/login', { email, password: 'platen-demo-2026' });
    if (response.statusCode !== 200) throw new Error(response.body);
    return browser;
  };
  // A second control plane's part: what looks for work there.
  const work = createTenantWork({
    db: plane.platformDb,
    databases,
    mails: { queue: () => undefined },
    log: plane.log.log,
    clock: Date.now,
  });
  /** What waits for another try, now. By the database's clock, as everything about it. */
  const hurry = async () => {
    await plane.sql(`update due_work set due_at = now() - interval '1 ms', lease_until = null`);
    return work.runDue();
  };
  return { plane, play, as, work, hurry };
}

const newTenant = (slug: string, more: object = {}) => ({
  slug,
  name: `The ${slug}`,
  plan_id: plans.starter.id,
  erp_db_key: 'erp-1',
  admin: { email: `First@${slug}.test`, name: 'Fay First' },
  ...more,
});

/** Waits for the work that follows a change. */
async function untilIs(browser: Browser, id: string, status: string) {
  const answer = await until(
    () => browser.call('GET', `/platform/tenants/${id}`),
    (seen) => seen.statusCode === 404 || seen.json().status === status,
  );
  if (answer.statusCode !== 404) return answer.json();
  return status === 'gone' ? null : t.fail('the tenant is gone');
}

const eventsOf = async (plane: TestControlPlane, id: string) =>
  (await plane.sql<{ type: string }>('select type from outbox_events where tenant_id = $1 order by seq', [id])).map(
    ({ type }) => type,
  );
const auditOf = async (plane: TestControlPlane, id: string) =>
  (await plane.sql<{ action: string }>('select action from audit_events where tenant_id = $1 order by seq', [id])).map(
    ({ action }) => action,
  );

t.test('a tenant is created, provisioned, and its administrator invited', async (t) => {
  const { plane, play, as } = await open(t);
  const browser = await as(operator.email);
  const created = await browser.call('POST', '/platform/tenants', newTenant('nova'));
  t.equal(created.statusCode, 201, created.body);
  t.match(created.json(), { slug: 'nova', status: 'provisioning', plan_code: 'starter', telemetry_db_key: null });
  const { id } = created.json();
  const active = await untilIs(browser, id, 'active');
  t.match(active, {
    domains: [{ domain: 'nova.localhost', is_primary: true }],
    usage: { users: { active: 0, invited: 1, disabled: 0 }, organizations: 1, workspaces: 0 },
    feed: { last_change: /^\d+$/, lagging_data_planes: 0 },
  });
  t.same(play.calls, ['check', 'prepare']);
  t.same(await eventsOf(plane, id), ['platform.user.invited', 'platform.tenant.provisioned']);
  t.same(await auditOf(plane, id), ['tenant.create', 'tenant.provisioned']);
  const { items } = (await browser.call('GET', `/platform/tenants/${id}/users`)).json();
  t.match(items, [{ email: 'first@nova.test', name: 'Fay First', status: 'invited' }]);
  const resend = `/platform/tenants/${id}/users/${items[0].id}/resend-invitation`;
  t.equal((await browser.call('POST', resend)).statusCode, 200);
  const [mail] = await plane.sql<{ payload: string }>(
    `select payload::text from outbox_events where tenant_id = $1 and type = 'platform.user.invited' order by seq desc limit 1`,
    [id],
  );
  t.match(JSON.parse(mail?.payload ?? ''), { to: { email: 'first@nova.test', name: 'Fay First' }, secret: /^v1\./ });

  const keyed = () => browser.call('POST', '/platform/tenants', newTenant('orion'), { 'idempotency-key': 'once' });
  const [one, two] = [await keyed(), await keyed()];
  t.equal(one.statusCode, 201);
  t.equal(two.body, one.body, 'the first answer again');
  t.equal(two.headers['idempotent-replayed'], 'true');
  const twice = await browser.call('POST', '/platform/tenants', newTenant('nova'));
  t.match([twice.statusCode, twice.json().code], [409, 'duplicate']);
  for (const slug of ['platform', 'api', 'www', 'xn--nova']) {
    const refused = await browser.call('POST', '/platform/tenants', newTenant(slug));
    t.match([refused.statusCode, refused.json().code], [422, 'slug_unacceptable'], slug);
  }
  const noPlan = await browser.call('POST', '/platform/tenants', newTenant('nope', { plan_id: id }));
  t.match([noPlan.statusCode, noPlan.json().code], [422, 'unknown_reference']);
});

t.test('what cannot be provisioned says why, can be tried again, and can be removed', async (t) => {
  const { plane, play, as } = await open(t);
  const [byOperator, byOwner] = [await as(operator.email), await as(owner.email)];
  play.state = 'unknown';
  const { id } = (
    await byOperator.call('POST', '/platform/tenants', newTenant('nova', { erp_db_key: 'erp-9' }))
  ).json();
  t.match(await untilIs(byOperator, id, 'provision_failed'), { provision_error: 'erp-9: unknown' });
  t.same(await eventsOf(plane, id), ['platform.tenant.provision_failed'], 'nobody is invited');
  const path = `/platform/tenants/${id}`;
  t.equal((await plane.browser('nova.localhost').signIn('first@nova.test')).statusCode, 404);
  for (const verb of ['suspend', 'reactivate']) {
    t.match((await byOperator.call('POST', `${path}/${verb}`)).json(), { code: 'illegal_transition' }, verb);
  }
  t.equal((await byOperator.call('PATCH', path, { erp_db_key: 'erp-1' })).statusCode, 200);
  play.state = 'ok';
  t.match((await byOperator.call('POST', `${path}/provision`)).json(), {
    status: 'provisioning',
    provision_error: null,
  });
  await untilIs(byOperator, id, 'active');
  const moved = await byOperator.call('PATCH', path, { erp_db_key: 'erp-2' });
  t.match(moved.json(), { code: 'illegal_transition' }, 'a tenant that has rows stays where they are');
  t.equal((await byOperator.call('POST', `${path}/provision`)).statusCode, 409);

  play.state = 'away';
  const second = (await byOperator.call('POST', '/platform/tenants', newTenant('vega'))).json();
  await untilIs(byOperator, second.id, 'provision_failed');
  t.equal((await byOperator.call('POST', `/platform/tenants/${second.id}/delete`)).statusCode, 403, 'owners delete');
  play.state = 'unknown';
  t.match((await byOwner.call('POST', `/platform/tenants/${second.id}/delete`)).json(), { status: 'deleting' });
  await untilIs(byOwner, second.id, 'gone');
  t.notOk(play.calls.includes(`purge ${second.id}`), 'nothing to purge where there is no database');
  t.equal((await byOperator.call('POST', '/platform/tenants', newTenant('vega'))).statusCode, 201, 'the slug is free');
});

t.test('a tenant is given a telemetry database: from the start, by default, or later its first', async (t) => {
  const { plane, play, as } = await open(t, { defaultTelemetryDbKey: 'telemetry-1' });
  const [browser, byOwner] = [await as(operator.email), await as(owner.email)];
  const create = async (slug: string, more: object = {}) => {
    const { id, telemetry_db_key } = (await browser.call('POST', '/platform/tenants', newTenant(slug, more))).json();
    return { id, telemetry_db_key, path: `/platform/tenants/${id}` };
  };
  const nova = await create('nova');
  t.equal(nova.telemetry_db_key, 'telemetry-1', 'the default of the installation');
  const orion = await create('orion', { telemetry_db_key: 'telemetry-2' });
  t.equal(orion.telemetry_db_key, 'telemetry-2');
  const { id, path, telemetry_db_key } = await create('vega', { telemetry_db_key: null });
  t.equal(telemetry_db_key, null, 'without, if somebody says so');
  // All of them, or one that is worked on would be among the calls below.
  for (const each of [nova.id, orion.id, id]) await untilIs(browser, each, 'active');

  const give = async (key: string | null) =>
    (await browser.call('PATCH', path, { telemetry_db_key: key, name: 'Vega' })).json();
  play.telemetryState = 'unknown';
  t.match(await give('telemetry-9'), { code: 'unknown_reference' });
  play.telemetryState = 'away';
  t.match(await give('telemetry-1'), { code: 'dependency_unavailable' });
  play.isAway = true;
  t.match(await give('telemetry-1'), { code: 'dependency_unavailable' });
  t.match(
    (await browser.call('GET', path)).json(),
    { telemetry_db_key: null, name: 'The vega' },
    'nothing has changed',
  );
  Object.assign(play, { isAway: false, telemetryState: 'ok' });
  play.calls.length = 0;
  t.match(await give('telemetry-1'), { telemetry_db_key: 'telemetry-1', status: 'active' });
  t.same(play.calls, ['check', 'prepare'], 'ready before anybody hears of it');
  const [told] = await plane.sql<{ key: string }>(
    `select payload->>'telemetry_db_key' as key from control_changes where tenant_id = $1 and kind = 'tenant' order by seq desc limit 1`,
    [id],
  );
  t.equal(told?.key, 'telemetry-1', 'data planes are told');
  play.calls.length = 0;
  for (const key of ['telemetry-2', null]) {
    t.match(await give(key), { code: 'illegal_transition' }, `its readings stay where they are, not in ${key}`);
  }
  t.match(await give('telemetry-1'), { name: 'Vega' }, 'the same again');
  t.same(play.calls, []);

  play.telemetryState = 'unknown';
  const failed = await create('rigel', { telemetry_db_key: 'telemetry-9' });
  t.match(await untilIs(browser, failed.id, 'provision_failed'), { provision_error: 'telemetry-9: unknown' });
  t.equal((await byOwner.call('POST', `${failed.path}/delete`)).statusCode, 200);
  await untilIs(byOwner, failed.id, 'gone');
  t.notOk(play.calls.includes(`purge ${failed.id}`), 'nothing was prepared, so nothing is purged');
});

t.test('whoever deletes a tenant while it is given a telemetry database comes first', async (t) => {
  const { play, as } = await open(t);
  const byOwner = await as(owner.email);
  const { reached, release } = holdFirst(play, 'prepare');
  const path = `/platform/tenants/${seeded.initech.id}`;
  const given = byOwner.call('PATCH', path, { telemetry_db_key: 'telemetry-2' });
  await reached;
  t.equal((await byOwner.call('POST', `${path}/delete`)).statusCode, 200);
  release();
  t.match((await given).json(), { code: 'illegal_transition' });
});

t.test('a data plane that does not answer is asked again, then given up', async (t) => {
  const { plane, play, as, work } = await open(t);
  const browser = await as(operator.email);
  play.isAway = true;
  const { id } = (await browser.call('POST', '/platform/tenants', newTenant('nova'))).json();
  // Not what is being worked on: two at it would ask once more.
  for (let asked = 0; asked < 3; asked = play.calls.length) {
    await plane.sql(`update due_work set due_at = now() - interval '1 ms' where lease_until is null`);
    await work.runDue();
  }
  t.match(await untilIs(browser, id, 'provision_failed'), { provision_error: 'No data plane answers' });
  t.equal(play.calls.length, 3);
});

t.test('a control plane that dies over it is followed by another', async (t) => {
  const { plane, play, as, work } = await open(t);
  const browser = await as(operator.email);
  const { reached, release } = holdFirst(play, 'prepare');
  const { id } = (await browser.call('POST', '/platform/tenants', newTenant('nova'))).json();
  await reached;
  t.match((await browser.call('GET', `/platform/tenants/${id}`)).json(), { status: 'provisioning' });
  t.equal(await work.runDue(), 0, 'leased: nobody else is at it');
  await plane.sql(`update due_work set lease_until = now() - interval '1 ms' where tenant_id = $1`, [id]);
  t.equal(await work.runDue(), 1);
  await untilIs(browser, id, 'active');
  release();
  await untilIs(browser, id, 'active');
  t.same((await eventsOf(plane, id)).filter((type) => type === 'platform.tenant.provisioned').length, 1);
  t.same(await plane.sql('select 1 from due_work where tenant_id = $1', [id]), []);
});

/** Holds the first call that begins with `name` until it is released. */
function holdFirst(play: ReturnType<typeof playDataPlane>['play'], name: string) {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    let first = true;
    play.before = async (call) => {
      if (!call.startsWith(name) || !first) return;
      first = false;
      resolve();
      await held;
    };
  });
  return { reached, release };
}

t.test('whoever comes back late with what another database said decides nothing', async (t) => {
  const { plane, play, as, work } = await open(t);
  const browser = await as(operator.email);
  const { reached, release } = holdFirst(play, 'prepare');
  const { id } = (await browser.call('POST', '/platform/tenants', newTenant('nova'))).json();
  await reached;
  // Its lease runs out, the next one fails, and an operator names another database.
  play.state = 'away';
  await plane.sql(`update due_work set lease_until = now() - interval '1 ms' where tenant_id = $1`, [id]);
  t.equal(await work.runDue(), 1);
  await untilIs(browser, id, 'provision_failed');
  await browser.call('PATCH', `/platform/tenants/${id}`, { erp_db_key: 'erp-2' });
  await plane.sql(`update tenants set status = 'provisioning', provision_error = null where id = $1`, [id]);
  release();
  await work.stop();
  await plane.app.close();
  const [row] = await plane.sql<{ status: string }>('select status from tenants where id = $1', [id]);
  t.equal(row?.status, 'provisioning', 'nobody has asked erp-2');
});

t.test('a long purge keeps no new tenant waiting', async (t) => {
  const { plane, play, as } = await open(t);
  const byOwner = await as(owner.email);
  const { reached, release } = holdFirst(play, 'purge');
  await byOwner.call('POST', `/platform/tenants/${seeded.globex.id}/delete`);
  await plane.sql(`update tenants set delete_after = now() - interval '1 ms' where id = $1`, [seeded.globex.id]);
  await plane.sql(`update due_work set due_at = now() - interval '1 ms'`);
  const { id } = (await byOwner.call('POST', '/platform/tenants', newTenant('nova'))).json();
  await reached;
  await untilIs(byOwner, id, 'active');
  release();
  await untilIs(byOwner, seeded.globex.id, 'gone');
});

t.test('suspended, refused; reactivated, served; deleted and taken back', async (t) => {
  const { plane, as } = await open(t);
  const [byOperator, byOwner] = [await as(operator.email), await as(owner.email)];
  const user = plane.browser();
  t.equal((await user.signIn('admin@acme.test')).statusCode, 200);
  const path = `/platform/tenants/${seeded.acme.id}`;
  const sees = async (status: number, code?: string) => {
    const ask = () => user.call('GET', '/api/auth/session');
    const answer = await until(ask, ({ statusCode }) => statusCode === status);
    t.equal(answer.json().code, code, `${status}`);
  };
  t.match((await byOperator.call('POST', `${path}/suspend`)).json(), { status: 'suspended' });
  await sees(403, 'tenant_suspended');
  t.equal((await byOperator.call('POST', `${path}/suspend`)).statusCode, 409);
  t.match((await byOperator.call('POST', `${path}/reactivate`)).json(), { status: 'active' });
  await sees(200);
  t.equal((await byOperator.call('POST', `${path}/delete`)).statusCode, 403);
  const deleting = (await byOwner.call('POST', `${path}/delete`)).json();
  t.equal(deleting.status, 'deleting');
  t.ok(Date.parse(deleting.delete_after) - Date.now() > 29 * 86_400_000);
  await sees(404, 'tenant_not_found');
  t.match((await byOwner.call('PATCH', path, { name: 'Late' })).json(), { code: 'illegal_transition' });
  t.match((await byOperator.call('POST', `${path}/reactivate`)).json(), { status: 'active', delete_after: null });
  await sees(200);
  t.same(await plane.sql('select 1 from due_work'), [], 'no purge is due any more');
  t.match(await auditOf(plane, seeded.acme.id), [
    /session/,
    'tenant.suspend',
    'tenant.reactivate',
    'tenant.delete',
    'tenant.reactivate',
  ]);
});

t.test('a purge killed half-way is finished, and touches nobody else', async (t) => {
  const { plane, play, as, hurry } = await open(t);
  const byOwner = await as(owner.email);
  const { acme, globex } = seeded;
  await plane.browser().signIn('admin@acme.test');
  const count = async (tenantId: string) => {
    const counts: Record<string, string> = {};
    for (const { name } of purgeOrderOf('control')) {
      const [row] = await plane.sql<{ n: string }>(`select count(*) as n from ${name} where tenant_id = $1`, [
        tenantId,
      ]);
      if (row !== undefined && row.n !== '0') counts[name] = row.n;
    }
    return counts;
  };
  const others = await count(globex.id);
  await byOwner.call('POST', `/platform/tenants/${acme.id}/delete`);
  play.before = async (call) => {
    if (call.startsWith('purge')) throw new PlatenNetworkError('internal.tenants.purge', 'timeout', 'test');
  };
  await plane.sql(`update tenants set delete_after = now() - interval '1 ms' where id = $1`, [acme.id]);
  await hurry();
  t.match((await byOwner.call('POST', `/platform/tenants/${acme.id}/reactivate`)).json(), {
    code: 'illegal_transition',
  });
  // What dying between two tables leaves.
  await plane.sql('delete from res_refresh_tokens where tenant_id = $1', [acme.id]);
  play.before = async () => undefined;
  await hurry();
  await untilIs(byOwner, acme.id, 'gone');
  const left = await count(acme.id);
  t.same(Object.keys(left).sort(), ['audit_events', 'audit_heads', 'control_changes', 'outbox_events']);
  t.same(await eventsOf(plane, acme.id), ['platform.tenant.purged']);
  t.same(await count(globex.id), others);
  t.equal((await plane.sql('select 1 from tenants where id = $1', [acme.id])).length, 0);
  t.equal((await auditOf(plane, acme.id)).at(-1), 'tenant.purge', 'the chain stays, and says so');
  t.equal((await plane.browser().signIn('admin@acme.test')).statusCode, 404);
  const again = await byOwner.call('POST', '/platform/tenants', newTenant('acme'));
  t.equal(again.statusCode, 201, 'the slug is free');
});

t.test('a change of plan, a name, a key: told to the data planes, and written down', async (t) => {
  const { plane, as } = await open(t);
  const browser = await as(operator.email);
  const path = `/platform/tenants/${seeded.globex.id}`;
  const told = async () => {
    const [row] = await plane.sql<{ entity: string }>(
      `select payload::text as entity from control_changes where tenant_id = $1 and kind = 'tenant' order by seq desc limit 1`,
      [seeded.globex.id],
    );
    return JSON.parse(row?.entity ?? '');
  };
  const before = await told();
  t.notOk(before.modules.some(({ code }: { code: string }) => code === 'platform.stores'));
  const changed = await browser.call('PATCH', path, { name: 'Globex & Sons', plan_id: plans.pro.id });
  t.match(changed.json(), { name: 'Globex & Sons', plan_code: 'pro' });
  t.match(await told(), { name: 'Globex & Sons', limits: { users: 50 } });
  t.ok((await told()).modules.some(({ code }: { code: string }) => code === 'platform.stores'));
  t.match(await auditOf(plane, seeded.globex.id), ['tenant.update']);
  for (const body of [{ slug: 'other' }, { status: 'active' }, { unknown: 1 }]) {
    t.equal((await browser.call('PATCH', path, body)).statusCode, 400, JSON.stringify(body));
  }
  t.equal((await browser.call('PATCH', path, { plan_id: seeded.globex.id })).json().code, 'unknown_reference');
  t.equal((await browser.call('GET', '/platform/tenants/01930000-0000-7000-8000-000000000000')).statusCode, 404);
});

t.test('users of a tenant: kept out, let in, never the last administrator', async (t) => {
  const { plane, as } = await open(t);
  const browser = await as(operator.email);
  const [admin, sales] = seeded.acme.users;
  const user = plane.browser();
  await user.signIn(sales.email);
  const of = (id: string) => `/platform/tenants/${seeded.acme.id}/users/${id}`;
  t.match((await browser.call('POST', `${of(sales.id)}/disable`)).json(), { status: 'disabled' });
  t.equal((await plane.browser().signIn(sales.email)).statusCode, 401);
  t.match((await browser.call('POST', `${of(sales.id)}/enable`)).json(), { status: 'active' });
  t.equal((await plane.browser().signIn(sales.email)).statusCode, 200);
  t.match((await browser.call('POST', `${of(admin.id)}/disable`)).json(), { code: 'last_admin' });
  t.match((await browser.call('POST', `${of(seeded.globex.users[0].id)}/disable`)).json(), { code: 'not_found' });
  t.match((await browser.call('POST', `${of(sales.id)}/resend-invitation`)).json(), { code: 'illegal_transition' });
  const reader = await as(auditor.email);
  t.equal((await reader.call('GET', `/platform/tenants/${seeded.acme.id}/users`)).statusCode, 200);
  for (const path of [of(sales.id), `/platform/tenants/${seeded.acme.id}`]) {
    t.match((await reader.call('POST', `${path}/disable`)).statusCode, /403|404/);
  }
  t.equal(
    (await reader.call('POST', `/platform/tenants/${seeded.acme.id}/suspend`)).json().code,
    'platform_role_required',
  );
  const page = (await reader.call('GET', '/platform/tenants?limit=2')).json();
  t.equal(page.items.length, 2);
  const rest = (await reader.call('GET', `/platform/tenants?limit=2&cursor=${page.next_cursor}`)).json();
  t.equal(rest.items.length, 1);
  t.equal(rest.next_cursor, null);
  const filtered = await reader.call('GET', '/platform/tenants?status=suspended&slug_prefix=ini&erp_db_key=erp-2');
  t.match(filtered.json().items, [{ slug: 'initech' }]);
});
