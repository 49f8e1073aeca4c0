import { randomUUID } from 'node:crypto';
import { statement } from '@platen/chassis/db/statement';
import { createLogger } from '@platen/chassis/log/logger';
import { testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import type { Tenant } from '../feed/tenant.js';
import { createRouter } from './router.js';

const has = statement<{ there: boolean }>('kinds_has', 'select to_regclass($1) is not null as there', {
  parse: { there: 'bool' },
});

function tenantOf(erpDbKey: string, telemetryDbKey: string | null): Tenant {
  return {
    id: randomUUID(),
    slug: 'acme',
    name: 'Acme',
    status: 'active',
    domains: [],
    primaryDomain: null,
    stores: [],
    store: null,
    erpDbKey,
    telemetryDbKey,
    authzEpoch: 0,
    modules: [],
    limits: {},
  };
}

t.test('a tenant has a database of each kind, and none stands for the other', async (t) => {
  const [erp, telemetry] = [await testDatabase(t, 'erp'), await testDatabase(t, 'telemetry')];
  const entry = ({ appUrl, systemUrl }: typeof erp, kind: 'erp' | 'telemetry') => ({
    url: appUrl,
    system_url: systemUrl,
    kind,
  });
  const router = createRouter({
    catalogue: new Map([
      ['erp-1', entry(erp, 'erp')],
      ['telemetry-1', entry(telemetry, 'telemetry')],
    ]),
    log: createLogger({ service: 'data-plane', level: 'silent' }),
    deadlines: patient,
  });
  t.teardown(() => router.close());
  const scope = ({ id: tenantId }: Tenant) => ({ tenantId, organizationId: null, workspaceId: null });
  const find = async (tenant: Tenant, kind: 'erp' | 'telemetry', table: string) => {
    const db = kind === 'erp' ? router.open(tenant, scope(tenant)) : router.openTelemetry(tenant, scope(tenant));
    return (await db.query(has, [table]))[0]?.there;
  };
  const refused = { code: 'database_unavailable' };

  const right = tenantOf('erp-1', 'telemetry-1');
  t.equal(await find(right, 'erp', 'erp_orders'), true);
  t.equal(await find(right, 'telemetry', 'tel_devices'), true, 'which is looked at for its own migrations');
  await t.rejects(find(tenantOf('erp-1', null), 'telemetry', 'tel_devices'), refused, 'a tenant may have no telemetry');
  const wrong = tenantOf('telemetry-1', 'erp-1');
  await t.rejects(find(wrong, 'erp', 'erp_orders'), refused, 'a key of the other kind is as good as none');
  await t.rejects(find(wrong, 'telemetry', 'tel_devices'), refused);
});
