import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { ServiceScope } from '@platen/schema/contract';
import { modules } from '@platen/schema/modules';
import { tenants } from '@platen/schema/seeds/identities';
import { createInternalClient } from '@platen/sdk/internal';
import type { Test } from 'tap';
import { entityOfOrganization } from '../../feed/tenant.js';
import { harbor, mainStreet, type openSales } from '../../test/sales.fixture.js';
import { openTestPlane } from '../../testkit/test-plane.js';

export const { acme } = tenants;
export const acmePrint = acme.organizations['acme-print'];

/** A plane over the database of a seeded shop, a stranger's tenant beside it, and a worker's client. */
export async function openShopPlane(
  t: Test,
  sales: Pick<Awaited<ReturnType<typeof openSales>>, 'db' | 'organization'>,
  scopes: readonly ServiceScope[],
) {
  const plane = openTestPlane(t, { 'erp-1': sales.db });
  plane.apply({
    kind: 'tenant',
    id: acme.id,
    slug: 'acme',
    name: acme.name,
    status: 'active',
    domains: [],
    erp_db_key: 'erp-1',
    telemetry_db_key: null,
    authz_epoch: 0,
    modules: Object.keys(modules).map((code) => ({ code: code as keyof typeof modules, valid_until: null })),
    limits: {},
  });
  plane.apply({
    ...entityOfOrganization(sales.organization),
    workspaces: [mainStreet, harbor].map((id, n) => ({ id, code: `w${n}`, name: `W${n}` })),
  });
  return {
    plane,
    globex: plane.addTenant('globex', 'erp-1'),
    client: createInternalClient({
      baseUrl: await plane.app.internal.listen({ port: 0, host: '127.0.0.1' }),
      contracts: 'data',
      token: () => plane.issuer.serviceToken([...scopes]),
      maxTries: 1,
    }),
    sql: <Row extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> =>
      asSuperuser(sales.db.superuserUrl, async (db) => (await db.query<Row>(text, values)).rows),
    scope: (workspaceId: string | null = mainStreet) => ({
      tenant_id: acme.id,
      organization_id: acmePrint.id,
      ...(workspaceId !== null && { workspace_id: workspaceId }),
    }),
  };
}
