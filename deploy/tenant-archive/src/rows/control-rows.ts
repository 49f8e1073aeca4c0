import type { Statement, Tx, Value } from '@platen/chassis/db/types';
import { recordAudit } from '@platen/control-plane/modules/audit/index';
import { appendOrganization, appendTenant } from '@platen/control-plane/modules/feed/index';
import type { Sql, TransactionSql } from 'postgres';
import { v7 as uuidv7 } from 'uuid';
import type { Manifest } from '../archive/manifest.js';
import { readRows } from '../archive/verify-archive.js';
import { RefusedError } from '../databases.js';

/** What the control plane has of the tenant now. */
export interface RestoreState {
  readonly isThere: boolean;
  /** The one that it has, or will have. */
  readonly slug: string;
  /** Where its rows are. */
  readonly keys: readonly (string | null)[];
  /** Those of the archive, and those that have come since. */
  readonly organizationIds: readonly string[];
  readonly takenAt: string;
  readonly oldSlug: string;
}

/** @throws RefusedError: it is served, or its slug is another's */
export const findState = (sql: Sql, { tenant, databases, organizations, taken_at }: Manifest, slug: string | null) =>
  sql.begin(async (tx): Promise<RestoreState> => {
    await tx`set local role control_platform`;
    const [found] = await tx<{ slug: string; status: string; erp_db_key: string; telemetry_db_key: string | null }[]>`
      select slug, status, erp_db_key, telemetry_db_key from tenants where id = ${tenant.id}`;
    const archived = { organizationIds: organizations, takenAt: taken_at, oldSlug: tenant.slug };
    if (found === undefined) {
      const wanted = slug ?? tenant.slug;
      if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(wanted)) throw new RefusedError(`${wanted} is no slug`);
      const [other] = await tx`select from tenants where slug = ${wanted}`;
      if (other !== undefined) throw new RefusedError(`Another tenant is ${wanted}; give it another name with --slug`);
      return { ...archived, isThere: false, slug: wanted, keys: databases.map(({ key }) => key) };
    }
    if (slug !== null && slug !== found.slug) throw new RefusedError(`The tenant is there, as ${found.slug}`);
    requireSuspended(found);
    const since = await tx<{ id: string }[]>`select id from res_organizations where tenant_id = ${tenant.id}`;
    const organizationIds = [...new Set([...organizations, ...since.map(({ id }) => id)])];
    return {
      ...archived,
      isThere: true,
      slug: found.slug,
      keys: [found.erp_db_key, found.telemetry_db_key],
      organizationIds,
    };
  });

function requireSuspended({ slug, status }: { readonly slug: string; readonly status: string }): void {
  if (status !== 'suspended')
    throw new RefusedError(`${slug} is ${status}: suspend it first, so that nobody writes meanwhile`);
}

/**
 * Nobody reactivates it, or ends it, until `work` is done. `requireHeld` throws when the connection was lost, and what was
 * locked with it.
 * @throws RefusedError: somebody did so since it was looked at
 */
export async function whileSuspended(
  sql: Sql,
  { tenant }: Manifest,
  work: (requireHeld: () => void) => Promise<void>,
): Promise<void> {
  let isLost = false;
  const held = sql.begin(async (tx) => {
    await tx`set local role control_platform`;
    // It waits for all of the rows, longer than a server may allow.
    await tx`set local idle_in_transaction_session_timeout = 0`;
    const [found] = await tx<{ slug: string; status: string }[]>`
      select slug, status from tenants where id = ${tenant.id} for no key update`;
    requireSuspended(found ?? { slug: tenant.slug, status: 'gone' });
    await work(() => {
      if (isLost) throw new RefusedError('The connection to the control database was lost');
    });
  });
  // At once, while the work goes on.
  await held.catch((error: unknown) => {
    isLost = true;
    throw error;
  });
}

/** Rows of a tenant that is gone, as they come back. */
export async function rewriteControl(
  tx: TransactionSql,
  table: string,
  part: Buffer,
  state: RestoreState,
): Promise<Buffer> {
  const change = { tenants: tenantAgain, tenant_domains: domainAgain }[table];
  if (change === undefined) return part;
  const lines: string[] = [];
  for (const row of readRows(table, part)) lines.push(JSON.stringify(await change(tx, row, state)));
  return Buffer.from(lines.join('\n'));
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Suspended: an operator looks first. Its epoch is the time, which no epoch that counts changes of rights gets ahead of:
 * tokens from before are stale, whatever the tenant's epoch had been when it ended.
 */
const tenantAgain = async (_: TransactionSql, row: Row, { slug }: RestoreState): Promise<Row> => ({
  ...row,
  slug,
  status: 'suspended',
  status_changed_at: new Date().toISOString(),
  delete_after: null,
  authz_epoch: Math.max(Number(row['authz_epoch']) + 1, Math.floor(Date.now() / 1_000)),
});

/** A domain that another tenant has proven meanwhile is that one's. */
async function domainAgain(tx: TransactionSql, row: Row, { slug, oldSlug }: RestoreState): Promise<Row> {
  const given = String(row['domain']);
  const isOwn = row['kind'] === 'subdomain' && given.startsWith(`${oldSlug}.`);
  const domain = isOwn ? `${slug}${given.slice(oldSlug.length)}` : given;
  const [taken] = await tx`select from tenant_domains where domain = ${domain} and verified_at is not null`;
  return taken === undefined ? { ...row, domain } : { ...row, domain, verified_at: null, is_primary: false };
}

/** What was taken away between the backup and the end of the tenant stays away: the audit log has outlived both. */
export async function finishControl(tx: TransactionSql, { tenant, organizations }: Manifest, state: RestoreState) {
  await tx`update res_api_keys k set revoked_at = now() where k.tenant_id = ${tenant.id} and k.revoked_at is null
    and exists (select from audit_events e where e.tenant_id = k.tenant_id and e.action = 'api_key.revoke'
      and e.target = 'api_key:' || k.id and e.created_at > ${state.takenAt}::timestamptz)`;
  await tx`delete from res_user_roles r where r.tenant_id = ${tenant.id}
    and exists (select from audit_events e where e.tenant_id = r.tenant_id and e.action = 'user_role.delete'
      and e.target = 'user_role:' || r.id and e.created_at > ${state.takenAt}::timestamptz)`;
  await tx`delete from res_user_permission_overrides o where o.tenant_id = ${tenant.id} and o.effect = 'allow'
    and exists (select from audit_events e where e.tenant_id = o.tenant_id and e.action = 'permission_override.delete'
      and e.target = 'permission_override:' || o.id and e.created_at > ${state.takenAt}::timestamptz)`;
  // Who has changed his password may have had a reason: he gets a link for a new one.
  await tx`update res_users u set password_hash = null where u.tenant_id = ${tenant.id} and u.password_hash is not null
    and exists (select from audit_events e where e.tenant_id = u.tenant_id
      and e.action in ('user.password_change', 'user.password_reset') and e.target = 'user:' || u.id
      and e.created_at > ${state.takenAt}::timestamptz)`;
  await tx`update res_users u set status = 'disabled' where u.tenant_id = ${tenant.id} and u.status = 'active'
    and (select e.action from audit_events e where e.tenant_id = u.tenant_id
      and e.action in ('user.disable', 'user.enable') and e.target = 'user:' || u.id
      and e.created_at > ${state.takenAt}::timestamptz order by e.seq desc limit 1) = 'user.disable'`;
  const { writer, settle } = deferring(tx);
  recordAudit(
    writer,
    { principal: null, ip: null, correlationId: `command-${uuidv7()}`, newId: () => uuidv7() },
    tenant.id,
    {
      action: 'tenant.restore',
      target: `tenant:${tenant.id}`,
      after: { slug: state.slug, taken_at: state.takenAt },
      actor: { type: 'system', id: null },
    },
  );
  appendTenant(writer, tenant.id);
  for (const id of organizations) appendOrganization(writer, tenant.id, id);
  await settle();
}

/** The control plane's own statements, over this connection, in order. */
function deferring(tx: TransactionSql): { readonly writer: Tx; settle(): Promise<void> } {
  const waiting: { text: string; values: readonly Value[] }[] = [];
  const run = ({ text }: { text: string }, values: readonly Value[]) =>
    // This driver makes JSON of whatever is meant as JSON, and here it is text already.
    tx.unsafe(text.replaceAll(/(\$\d+)::jsonb/g, '$1::text::jsonb'), [...values] as string[]);
  const settle = async () => {
    for (const entry of waiting.splice(0)) await run(entry, entry.values);
  };
  const writer: Tx = {
    async query<R>(statement: Statement<R>, values: readonly Value[] = []) {
      await settle();
      return [...(await run(statement, values))] as R[];
    },
    defer: (statement, values = []) => void waiting.push({ text: statement.text, values }),
  };
  return { writer, settle };
}
