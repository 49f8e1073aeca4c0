import { statement } from '@platen/chassis/db/statement';
import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { Tx } from '@platen/chassis/db/types';
import { instant, organizationEntity, planGrants, signingKeysEntity, tenantEntityOnPlan } from './entities.js';

const freeze = statement<never>('feed_snapshot_freeze', 'set transaction isolation level repeatable read read only');

const head = statement<{ header: string; keys: string }>(
  'feed_snapshot_head',
  `select json_build_object('position', coalesce((select max(seq) from control_changes), 0)::text,
     'taken_at', ${instant('now()')})::text as header, ${signingKeysEntity}::text as keys`,
);

const tenantsAfter = statement<{ id: string; line: string }>(
  'feed_snapshot_tenants',
  `with ${planGrants}
   select t.id, ${tenantEntityOnPlan}::text as line from tenants t join p on p.plan_id = t.plan_id
   where t.id > $1::uuid and t.status <> 'deleting' order by t.id limit $2::int`,
);

const organizationsAfter = statement<{ tenant_id: string; id: string; line: string }>(
  'feed_snapshot_organizations',
  `select o.tenant_id, o.id, ${organizationEntity}::text as line
   from res_organizations o
   join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id
   join tenants t on t.id = o.tenant_id and t.status <> 'deleting'
   where (o.tenant_id, o.id) > ($1::uuid, $2::uuid) order by o.tenant_id, o.id limit $3::int`,
);

/** Epochs and revocations that a token in time could be older than: it lives for 15 minutes, and clocks differ by less than the rest. */
const recent = statement<{ line: string }>(
  'feed_snapshot_recent',
  `select payload::text as line from (
     select distinct on (payload ->> 'user_id') payload from control_changes
     where kind = 'user_epoch' and created_at > now() - interval '30 minutes'
     order by payload ->> 'user_id', seq desc) c
   union all
   select c.payload::text from control_changes c
   where c.kind = 'revoked_session' and c.created_at > now() - interval '30 minutes'`,
);

/** Some tens of milliseconds each: no size of the installation makes a statement that is taken for one that hangs. */
const rowsAtOnce = 2_000;
const beforeAll = '00000000-0000-0000-0000-000000000000';

/**
 * NDJSON lines, some at a time: position, entities. All statements see one moment of the database, and numbers are given in
 * the order of commit: so what these lines hold is exactly what the changes up to the position made.
 */
export function readSnapshotParts(
  db: Pick<SystemDatabase, 'transaction'>,
  add: (lines: readonly string[]) => void,
): Promise<void> {
  return db.transaction(async (tx) => {
    tx.defer(freeze);
    add((await tx.query(head)).flatMap(({ header, keys }) => [header, keys]));
    await readTenants(tx, add);
    await readOrganizations(tx, add);
    add((await tx.query(recent)).map(({ line }) => line));
  });
}

async function readTenants(tx: Tx, add: (lines: readonly string[]) => void): Promise<void> {
  for (let after = beforeAll; ; ) {
    const rows = await tx.query(tenantsAfter, [after, rowsAtOnce]);
    add(rows.map(({ line }) => line));
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) return;
    after = last.id;
  }
}

async function readOrganizations(tx: Tx, add: (lines: readonly string[]) => void): Promise<void> {
  for (let after = [beforeAll, beforeAll]; ; ) {
    const rows = await tx.query(organizationsAfter, [...after, rowsAtOnce]);
    add(rows.map(({ line }) => line));
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) return;
    after = [last.tenant_id, last.id];
  }
}
