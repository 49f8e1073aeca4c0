import postgres, { type Sql, type TransactionSql } from 'postgres';
import type { ArchivedKind } from '../archive/manifest.js';

export type Actor = 'app' | 'system' | 'platform';
/** As whom rows are read and written, each bound by row-level security. */
const roles = {
  control: { app: 'control_tenant', system: 'control_platform', platform: 'control_platform' },
  erp: { app: 'platen_app', system: 'platen_system', platform: 'platen_system' },
  telemetry: { app: 'platen_app', system: 'platen_system', platform: 'platen_system' },
} as const satisfies Record<ArchivedKind, Record<Actor, string>>;

/** One connection as the owner, who is nobody to the rows: what is done is done as one of the application's roles. */
export async function openAsOwner(url: string, kind: ArchivedKind): Promise<Sql> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: {
      application_name: 'platen-tenant-archive',
      TimeZone: 'UTC',
      lock_timeout: 10_000,
      statement_timeout: 0,
    },
  });
  try {
    for (const role of new Set(Object.values(roles[kind]))) await ensureMembership(sql, role);
    return sql;
  } catch (error) {
    await sql.end({ timeout: 5 });
    throw error;
  }
}

/** Only a member acts as a role. Whoever made the role may let itself in; nothing comes with it by itself. */
async function ensureMembership(sql: Sql, role: string): Promise<void> {
  const [row] = await sql<{ version: number; member: boolean }[]>`
    select current_setting('server_version_num')::int as version, case when current_setting('server_version_num')::int >= 160000
      then pg_has_role(current_user, ${role}, 'SET') else pg_has_role(current_user, ${role}, 'MEMBER') end as member`;
  if (row?.member === true) return;
  const quietly = (row?.version ?? 0) >= 160_000 ? 'with inherit false, set true' : '';
  await sql.unsafe(`grant ${role} to current_user ${quietly}`).catch((error: unknown) => {
    throw new Error(`The owner must be able to act as ${role}: as a superuser, grant ${role} to it`, { cause: error });
  });
}

/**
 * Until the next call or the end of the transaction: this role, in this tenant, in this organization.
 * @throws Error as a role that no policy binds
 */
export async function enter(
  tx: TransactionSql,
  kind: ArchivedKind,
  actor: Actor,
  { tenantId, organizationId }: { readonly tenantId: string; readonly organizationId: string | null },
): Promise<void> {
  const role = roles[kind][actor];
  await tx.unsafe(`set local role ${role}`);
  const [row] = await tx<{ bound: boolean }[]>`
    select not (rolsuper or rolbypassrls) as bound,
      set_config('app.tenant_id', ${tenantId}, true), set_config('app.organization_id', ${organizationId ?? ''}, true),
      set_config('app.workspace_id', '', true)
    from pg_roles where rolname = current_user`;
  if (row?.bound !== true) throw new Error(`row-level security does not bind ${role}`);
}
