import { testDatabase } from '@platen/chassis/testkit/database';
import type { FeedEntity, FeedOrganization } from '@platen/schema/contracts/internal/feed';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { parseEntity } from './feed/parse.js';
import { FeedStore } from './feed/store.js';
import { entityOfOrganization, entityOfTenant } from './feed/tenant.js';
import { openTestPlane, tenantOf } from './testkit/test-plane.js';

const plane = openTestPlane(t, { 'erp-1': await testDatabase(t, 'erp') });
const acme = plane.addTenant('acme', 'erp-1', { domains: ['print.example', 'shop.example', 'kiosk.example'] });
const [print, promo] = acme.organizationIds;
const [harbor, mainStreet] = acme.workspaceIds;
const acmeEntity = (parts: Partial<FeedEntity & { kind: 'tenant' }> = {}) => ({
  ...entityOfTenant(tenantOf(plane.store, acme.id)),
  ...parts,
});
const organizationEntity = (id: string): FeedOrganization => {
  const found = plane.store.organization(acme.id, id);
  if (!found) throw new Error(`No organization ${id}`);
  return entityOfOrganization(found);
};
const at = async (host: string, context: { org?: string | null; ws?: string | null }) => {
  const url = '/api/erp/customers';
  const { status, body } = await plane.call(acme, plane.token(acme, context), {
    method: 'GET',
    url,
    headers: { host },
  });
  return status === 200 ? 'ok' : body.code;
};

t.test("a store's host stands for its context", async (t) => {
  plane.apply(
    acmeEntity({
      stores: [
        { domain: 'shop.example', id: uuidv7(), organization_id: print, workspace_id: null },
        { domain: 'kiosk.example', id: uuidv7(), organization_id: print, workspace_id: harbor },
      ],
    }),
  );
  t.equal(await at('shop.example', { org: print }), 'ok');
  t.equal(await at('shop.example', { org: print, ws: harbor }), 'ok', 'which workspace is left open');
  t.equal(await at('shop.example', { org: promo }), 'context_not_allowed');
  t.equal(await at('shop.example', { org: null }), 'context_required');
  t.equal(await at('kiosk.example', { org: print, ws: harbor }), 'ok');
  for (const context of [{ org: print }, { org: print, ws: mainStreet }, { org: promo }]) {
    t.equal(await at('kiosk.example', context), 'context_not_allowed');
    t.equal(await at('print.example', context), 'ok', 'another domain stands for the whole tenant');
    t.equal(await at('acme.localhost', context), 'ok');
  }
  t.equal(plane.store.tenantByHost('kiosk.example')?.store?.workspaceId, harbor);
  t.equal(plane.store.tenantById(acme.id)?.store, null);
});

t.test('what a store is told with is kept through a restart, and goes with it', async (t) => {
  const copy = new FeedStore({ baseDomain: 'localhost', now: Date.now });
  const stored = [...plane.store.entities()].map((entity) => parseEntity(JSON.parse(JSON.stringify(entity))));
  copy.adopt(
    copy.successor(
      1n,
      Date.now(),
      stored.filter((entity) => entity !== null),
    ),
  );
  t.equal(copy.tenantByHost('kiosk.example')?.store?.workspaceId, harbor);
  plane.apply(acmeEntity({ stores: [] }));
  t.equal(await at('kiosk.example', { org: promo }), 'ok');
  plane.apply(acmeEntity({ domains: [], stores: [] }));
  t.equal(await at('kiosk.example', { org: promo }), 'tenant_not_found');
  t.equal(await at('shop.example', { org: print }), 'tenant_not_found');
});

t.test('a control plane that knows no stores', async (t) => {
  const { stores, ...older } = acmeEntity();
  t.same(stores, []);
  t.ok(parseEntity(older));
  plane.apply(older);
  t.equal(await at('acme.localhost', { org: print }), 'ok');
});

t.test('an organization or workspace that is closed is no context', async (t) => {
  const open = organizationEntity(print);
  plane.apply({ ...open, workspaces: open.workspaces.filter(({ id }) => id !== mainStreet) });
  t.equal(await at('acme.localhost', { org: print, ws: mainStreet }), 'context_not_allowed');
  t.equal(await at('acme.localhost', { org: print, ws: harbor }), 'ok');
  t.equal(await at('acme.localhost', { org: promo, ws: harbor }), 'context_not_allowed', "another organization's");
  plane.apply({ ...open, status: 'archived' });
  t.equal(await at('acme.localhost', { org: print, ws: harbor }), 'context_not_allowed');
  t.equal(await at('acme.localhost', { org: print }), 'context_not_allowed');
  plane.apply(open);
  t.equal(await at('acme.localhost', { org: print, ws: mainStreet }), 'ok', 'restored');
  t.equal(await at('acme.localhost', { org: uuidv7() }), 'context_not_allowed', 'one that nobody has');
});
