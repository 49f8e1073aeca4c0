import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { FeedFormatError, parseEntity } from './parse.js';
import { keptMs } from './revocations.js';
import { FeedOrderError, FeedStore } from './store.js';
import { hasModule } from './tenant.js';

const startMs = Date.parse('2026-03-01T09:00:00.000Z');
const tenantEntity = (parts: Partial<FeedEntity & { kind: 'tenant' }> = {}): FeedEntity & { kind: 'tenant' } => ({
  kind: 'tenant',
  id: uuidv7(),
  slug: 'acme',
  name: 'Acme',
  status: 'active',
  domains: [],
  erp_db_key: 'erp-1',
  telemetry_db_key: null,
  authz_epoch: 0,
  modules: [],
  limits: {},
  ...parts,
});

function openStore() {
  const clock = { ms: startMs };
  const store = new FeedStore({ baseDomain: 'shops.test', now: () => clock.ms });
  store.adopt(store.successor(10n, startMs, []));
  const apply = (entity: FeedEntity) => store.apply(store.position + 1n, entity);
  return { clock, store, apply };
}

t.test('tenants are found by slug under the base domain and by their domains', async (t) => {
  const { store, apply } = openStore();
  const acme = tenantEntity({ domains: ['print.example'] });
  apply(acme);
  t.equal(store.tenantByHost('acme.shops.test')?.id, acme.id);
  t.equal(store.tenantByHost('print.example')?.id, acme.id);
  for (const host of ['acme', 'shops.test', '.shops.test', 'x.acme.shops.test', 'acme.shops.test.evil', 'toString']) {
    t.equal(store.tenantByHost(host), undefined, host);
  }
  apply({ ...acme, slug: 'acme2', domains: [] });
  t.equal(store.tenantByHost('acme.shops.test'), undefined, 'an old slug leads nowhere');
  t.equal(store.tenantByHost('print.example'), undefined);
  const other = tenantEntity({ slug: 'acme', domains: ['print.example'] });
  apply(other);
  apply({ ...acme, slug: 'acme3', domains: [] });
  t.equal(store.tenantByHost('print.example')?.id, other.id, 'what passed to another tenant stays there');
  t.same(store.hostsOf({ ...store.tenantById(other.id) } as never), ['acme.shops.test', 'print.example']);
  apply({ kind: 'removed', entity: 'tenant', id: other.id });
  t.equal(store.tenantByHost('print.example'), undefined);
  t.equal(store.tenantById(other.id), undefined);
});

t.test('an organization belongs to its tenant', async (t) => {
  const { store, apply } = openStore();
  const tenant = tenantEntity();
  apply(tenant);
  const id = uuidv7();
  apply({
    kind: 'organization',
    tenant_id: tenant.id,
    id,
    code: 'a',
    name: 'A',
    status: 'active',
    settings: {
      workspace_required: false,
      currency: 'EUR',
      time_zone: 'UTC',
      locale: 'en',
      tax_rounding: 'line',
      quote_prefix: 'Q',
      order_prefix: 'O',
      quote_valid_days: 30,
    },
    workspaces: [],
  });
  t.equal(store.organization(tenant.id, id)?.code, 'a');
  t.equal(store.organization(tenant.id, id)?.letterhead, null, 'of a control plane that knew none');
  t.equal(store.organization(uuidv7(), id), undefined);
  apply({ kind: 'removed', entity: 'tenant', id: tenant.id });
  t.equal(store.organization(tenant.id, id), undefined, 'and goes with it');
});

t.test('what a token may no longer do', async (t) => {
  const { store, apply, clock } = openStore();
  const tenant = tenantEntity({ authz_epoch: 3 });
  apply(tenant);
  const token = { sub: uuidv7(), sid: uuidv7(), epo: [3, 5] as const };
  const refusal = (parts: object = {}) => store.refusalOf(tenant.id, { ...token, ...parts });
  t.equal(refusal(), null);
  t.equal(refusal({ epo: [2, 5] }), 'token_stale');
  apply({ kind: 'user_epoch', tenant_id: tenant.id, user_id: token.sub, authz_epoch: 6 });
  t.equal(refusal(), 'token_stale');
  t.equal(refusal({ epo: [3, 6] }), null);
  apply({ kind: 'user_epoch', tenant_id: tenant.id, user_id: token.sub, authz_epoch: 4 });
  t.equal(refusal(), 'token_stale', 'an epoch never goes back');
  const forgetAt = new Date(startMs + 960_000).toISOString();
  apply({ kind: 'revoked_session', tenant_id: tenant.id, session_id: token.sid, forget_at: forgetAt });
  t.equal(refusal({ epo: [9, 9] }), 'token_revoked');
  t.equal(store.refusalOf(uuidv7(), token), 'token_stale', 'of a tenant that is not there');

  store.adopt(store.successor(99n, clock.ms, [tenant]));
  t.equal(refusal({ epo: [9, 9] }), 'token_revoked', 'a new snapshot revives nothing');
  t.equal(refusal(), 'token_revoked');
  // Ten minutes late, this clock lets a token of then pass its `exp` until here.
  clock.ms = startMs + (15 + 10) * 60_000 + 30_000;
  store.forgetExpired();
  t.equal(refusal({ sid: uuidv7() }), 'token_stale', 'a late clock revives no token from before');
  t.equal(refusal(), 'token_revoked', 'nor a session that had ended');
  clock.ms = startMs + keptMs;
  store.forgetExpired();
  t.equal(store.revocationCount, 0, 'and when no token of then can be in time any more, it is forgotten');
});

t.test('a session that was ended where it is ten minutes earlier stays ended', async (t) => {
  const { store, apply, clock } = openStore();
  const tenant = tenantEntity({ authz_epoch: 3 });
  apply(tenant);
  const token = { sub: uuidv7(), sid: uuidv7(), epo: [3, 5] as const };
  // One lifetime of a token and a minute, by the clock of the control plane that tells it; another one signed the token.
  const forgetAt = new Date(startMs - 600_000 + 960_000).toISOString();
  apply({ kind: 'revoked_session', tenant_id: tenant.id, session_id: token.sid, forget_at: forgetAt });
  clock.ms = startMs + 15 * 60_000;
  store.forgetExpired();
  t.equal(store.refusalOf(tenant.id, token), 'token_revoked', 'as long as a token of then may be in time');
  store.adopt(store.successor(99n, clock.ms, [tenant]));
  clock.ms = startMs + keptMs;
  store.forgetExpired();
  t.equal(store.revocationCount, 0, 'and no longer, whatever snapshots came meanwhile');
});

t.test('modules end with their date', async (t) => {
  const modules = [
    { code: 'erp.catalog' as const, valid_until: null },
    { code: 'erp.quotes' as const, valid_until: new Date(startMs).toISOString() },
  ];
  t.equal(hasModule({ modules }, 'erp.catalog', startMs), true);
  t.equal(hasModule({ modules }, 'erp.quotes', startMs - 1), true);
  t.equal(hasModule({ modules }, 'erp.quotes', startMs), false);
  t.equal(hasModule({ modules }, 'erp.orders', startMs), false);
});

t.test('changes come in order, repeats are dropped', async (t) => {
  const { store } = openStore();
  const at = (...positions: number[]) => positions.map((position) => ({ position: String(position) }));
  t.same(store.newChanges(at(9, 10, 11, 13)), at(11, 13), 'numbers may have gaps');
  t.throws(() => store.newChanges(at(12, 11)), FeedOrderError);
  t.throws(() => store.newChanges(at(11, 11)), FeedOrderError);
  t.throws(() => store.apply(10n, null), FeedOrderError);
  store.apply(12n, null);
  t.equal(store.position, 12n, 'what this build does not know still moves the position');
});

t.test('keys: told of once for each change', async (t) => {
  const { store, apply } = openStore();
  const key = { kty: 'RSA' as const, kid: 'a', use: 'sig' as const, alg: 'RS256' as const, n: 'n', e: 'AQAB' };
  let told = 0;
  store.onKeysChanged(() => {
    told += 1;
  });
  apply({ kind: 'signing_keys', keys: [key] });
  const held = store.signingKeys();
  apply({ kind: 'signing_keys', keys: [{ ...key }] });
  t.equal(store.signingKeys(), held, 'the same keys are the same array: verifiers keep what they have verified');
  t.equal(told, 1);
});

t.test('a newer control plane', async (t) => {
  t.equal(parseEntity({ kind: 'weather', sunny: true }), null, 'unknown kinds are skipped');
  const newer = { ...tenantEntity(), colour: 'red', modules: [{ code: 'erp.magic', valid_until: null }] };
  t.match(parseEntity(newer), { slug: 'acme', modules: [] }, 'unknown fields and modules are dropped');
  t.throws(() => parseEntity({ ...tenantEntity(), status: 'odd' }), FeedFormatError);
  t.throws(() => parseEntity('tenant'), FeedFormatError);
});

t.test('the state again as entities', async (t) => {
  const { store, apply, clock } = openStore();
  apply(tenantEntity({ domains: ['a.example'], limits: { users: 5 } }));
  apply({ kind: 'user_epoch', tenant_id: uuidv7(), user_id: uuidv7(), authz_epoch: 6 });
  const copy = new FeedStore({ baseDomain: 'shops.test', now: () => clock.ms });
  copy.adopt(copy.successor(1n, startMs, store.entities()));
  t.same([...copy.entities()], [...store.entities()]);
});
