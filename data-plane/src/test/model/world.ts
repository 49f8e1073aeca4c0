import { testDatabase } from '@platen/chassis/testkit/database';
import type { PermissionCode } from '@platen/schema/permissions';
import type { InjectOptions } from 'fastify';
import postgres from 'postgres';
import { v7 } from 'uuid';
import { type Answer, openTestPlane, type TestTenant } from '../../testkit/test-plane.js';
import { addMasters } from './masters.js';
import type { Masters } from './state.js';
import { roles, type Stranger, strangers } from './users.js';

interface Teardown {
  teardown(work: () => void | Promise<void>): void;
}

export interface User {
  readonly id: string;
  readonly name: string;
  /** null: sees the whole organization. */
  readonly workspace: string | null;
  readonly permissions: ReadonlySet<PermissionCode>;
  readonly call: Call;
}
export type Call = (
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  options?: { readonly payload?: object; readonly key?: string; readonly ifMatch?: number },
) => Promise<Answer>;

/** A new organization for each run, with its people; the plane and the database are shared by all runs. */
export interface Shop {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly masters: Masters;
  readonly users: readonly User[];
  readonly strangers: Readonly<Record<Stranger, Call>>;
  readonly sql: postgres.Sql;
}
export interface World {
  openShop(): Promise<Shop>;
}

export const tolerancePercent = 10;
export const timeZone = 'Europe/Berlin';

export async function openWorld(t: Teardown): Promise<World> {
  const database = await testDatabase(t, 'erp');
  const plane = openTestPlane(t, { 'erp-1': database });
  // Reads past row-level security: what nobody may see is looked at too.
  const sql = postgres(database.superuserUrl, { max: 1, onnotice: () => undefined });
  t.teardown(() => sql.end());
  let opened = 0;

  const caller = (tenant: TestTenant, token: string): Call => {
    return (method, url, { payload, key, ifMatch } = {}) => {
      const headers: Record<string, string> = {
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      };
      const options: InjectOptions = { method, url, headers, ...(payload && { payload }) };
      return plane.call(tenant, token, options);
    };
  };

  return {
    async openShop() {
      opened += 1;
      const tenant = plane.addTenant(`shop${opened}`, 'erp-1');
      const rival = plane.addTenant(`rival${opened}`, 'erp-1');
      const [organizationId, otherOrganizationId] = tenant.organizationIds;
      const [main, harbor] = tenant.workspaceIds;
      plane.apply({
        kind: 'organization',
        tenant_id: tenant.id,
        id: organizationId,
        code: `shop${opened}-1`,
        name: 'Shop',
        status: 'active',
        settings: {
          workspace_required: false,
          currency: 'EUR',
          time_zone: timeZone,
          locale: 'en',
          tax_rounding: 'line',
          quote_prefix: 'Q',
          order_prefix: 'O',
          purchase_order_prefix: 'P',
          quote_valid_days: 30,
          receipt_tolerance_percent: String(tolerancePercent),
        },
        workspaces: [
          { id: main, code: 'main', name: 'Main' },
          { id: harbor, code: 'harbor', name: 'Harbor' },
        ],
      });
      const users = roles.map((role): User => {
        const id = v7();
        const workspace = role.workspace === null ? null : { main, harbor }[role.workspace];
        const token = plane.token(tenant, {
          sub: id,
          org: organizationId,
          ws: workspace,
          permissions: role.permissions,
        });
        return {
          id,
          name: role.name,
          workspace,
          permissions: new Set(role.permissions),
          call: caller(tenant, token),
        };
      });
      const [owner] = users;
      if (!owner) throw new Error('nobody');
      const outside: Record<Stranger, Call> = {
        'other organization': caller(tenant, plane.token(tenant, { org: otherOrganizationId })),
        'other tenant': caller(rival, plane.token(rival)),
      };
      const owned = { tenantId: tenant.id, organizationId };
      return {
        ...owned,
        users,
        strangers: Object.fromEntries(strangers.map((name) => [name, outside[name]])) as Record<Stranger, Call>, // all of them
        sql,
        masters: await addMasters({ ...owned, main, harbor, sql, call: owner.call, tolerancePercent }),
      };
    },
  };
}
