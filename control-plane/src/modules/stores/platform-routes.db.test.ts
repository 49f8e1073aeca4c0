import { platformAdmins, tenants } from '@platen/schema/seeds/identities';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { startControlPlane } from '../../test/control-plane.js';

const { acme, globex } = tenants;
const promo = acme.organizations['acme-promo'];
const at = (tenantId: string, noun: 'domains' | 'stores') => `/platform/tenants/${tenantId}/${noun}`;

t.test("an operator gives and takes a tenant's hosts", async (t) => {
  const plane = await startControlPlane(t);
  const owner = plane.browser('platform.localhost');
  const signed = await owner.call('POST', '/platform/auth/login', {
    email: platformAdmins.owner.email,
    password: 'platen-demo-2026',
  });
  t.equal(signed.statusCode, 200, signed.body);
  const given = await owner.call('POST', at(acme.id, 'domains'), { domain: 'Given.COM' });
  t.equal(given.statusCode, 201, given.body);
  t.match(given.json(), { domain: 'given.com', verified_at: /Z$/, verification: null });
  const { id } = given.json();
  const elsewhere = await owner.call('POST', at(globex.id, 'domains'), { domain: 'given.com' });
  t.match(elsewhere.json(), { status: 409, code: 'duplicate' }, 'one tenant of all has it');
  const store = { code: 'promo', name: 'Promo', domain_id: id, organization_id: promo.id };
  t.match((await owner.call('POST', at(globex.id, 'stores'), store)).json(), { code: 'unknown_reference' });
  const opened = await owner.call('POST', at(acme.id, 'stores'), store);
  t.match(opened.json(), { domain: 'given.com', organization_id: promo.id }, opened.body);
  const storePath = `${at(acme.id, 'stores')}/${opened.json().id}`;
  t.equal((await owner.call('GET', at(acme.id, 'stores'))).json().items.length, 1);
  t.same((await owner.call('GET', at(globex.id, 'stores'))).json().items, []);
  t.equal((await owner.call('DELETE', storePath.replace(acme.id, globex.id))).statusCode, 404, "another tenant's");
  t.equal((await owner.call('DELETE', `${at(acme.id, 'domains')}/${id}`)).json().code, 'in_use');
  t.equal((await owner.call('DELETE', storePath)).statusCode, 204);
  t.equal((await owner.call('DELETE', `${at(acme.id, 'domains')}/${id}`)).statusCode, 204);
  const missing = uuidv7();
  t.equal((await owner.call('GET', at(missing, 'domains'))).statusCode, 404);
  t.equal((await owner.call('POST', at(missing, 'domains'), { domain: 'x.com' })).statusCode, 404);
  const actors = await plane.sql<{ actor_type: string }>(
    `select distinct actor_type from audit_events where tenant_id = $1 and action in ('domain.create', 'store.delete')`,
    [acme.id],
  );
  t.same(actors, [{ actor_type: 'platform_admin' }]);
});
