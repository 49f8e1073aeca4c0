import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { FeedChange } from '@platen/schema/contracts/internal/feed';
import type { InstanceKind } from '@platen/schema/tables/control/platform';
import { spansSql } from '../availability/index.js';

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const modulesJson = `(select coalesce(json_agg(case when m.starts = '-infinity'
      then json_build_object('code', m.code, 'valid_until', ${instant("nullif(m.ends, 'infinity')")})
      else json_build_object('code', m.code, 'valid_from', ${instant('m.starts')},
        'valid_until', ${instant("nullif(m.ends, 'infinity')")}) end
      order by m.code), '[]')
    from (${spansSql}) m)`;

/**
 * A tenant as the feed shows it, from `tenants t`. What it may use and when, for all times to come: nothing has to be told
 * when a trial ends; what it may spend: its own limits, else its plan's.
 */
const tenantEntityWith = (modules: string) => `json_build_object(
  'kind', 'tenant', 'id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status,
  'domains', (select coalesce(json_agg(d.domain order by d.domain), '[]') from tenant_domains d
    where d.tenant_id = t.id and d.kind = 'custom' and d.verified_at is not null),
  'stores', (select coalesce(json_agg(json_build_object('domain', d.domain, 'id', s.id,
      'organization_id', s.organization_id, 'workspace_id', s.workspace_id) order by d.domain), '[]')
    from tenant_stores s join tenant_domains d on d.tenant_id = s.tenant_id and d.id = s.domain_id
    where s.tenant_id = t.id and d.verified_at is not null),
  'erp_db_key', t.erp_db_key, 'telemetry_db_key', t.telemetry_db_key, 'authz_epoch', t.authz_epoch,
  'modules', ${modules},
  'limits', (select coalesce(json_object_agg(limit_code, value), '{}') from (
    select l.limit_code, l.value from tenant_platform_limits l where l.tenant_id = t.id
    union all
    select p.limit_code, p.value from platform_plan_limits p where p.plan_id = t.plan_id
      and not exists (select from tenant_platform_limits l where l.tenant_id = t.id and l.limit_code = p.limit_code)) limits))`;

export const tenantEntity = tenantEntityWith(modulesJson);

/**
 * The same for a plan with thousands of tenants: where nothing special is set for a tenant, its modules are the plan's
 * list, `p.modules`, made once. `planModulesJson` makes it for a `plan_id` of `t`.
 */
export const tenantEntityOnPlan = tenantEntityWith(`case
  when not exists (select from tenant_platform_product_modules x where x.tenant_id = t.id)
    and not exists (select from tenant_platform_products x
      where x.tenant_id = t.id and (not x.enabled or x.source <> 'plan' or x.valid_until is not null))
  then p.modules else ${modulesJson} end`);
export const planModulesJson = `(select coalesce(json_agg(json_build_object('code', m.code, 'valid_until', null) order by m.code), '[]')
  from platform_plan_modules pm join platform_product_modules m on m.id = pm.module_id where pm.plan_id = $1)`;

/** An organization with its settings and active workspaces, from `res_organizations o` and its settings `s`. */
export const organizationEntity = `json_build_object(
  'kind', 'organization', 'tenant_id', o.tenant_id, 'id', o.id, 'code', o.code, 'name', o.name, 'status', o.status,
  'settings', json_build_object('workspace_required', s.workspace_required, 'currency', s.currency,
    'time_zone', s.time_zone, 'locale', s.locale, 'tax_rounding', s.tax_rounding, 'quote_prefix', s.quote_prefix,
    'order_prefix', s.order_prefix, 'quote_valid_days', s.quote_valid_days),
  'workspaces', (select coalesce(json_agg(json_build_object('id', w.id, 'code', w.code, 'name', w.name) order by w.code), '[]')
    from res_workspaces w where w.tenant_id = o.tenant_id and w.organization_id = o.id and w.status = 'active'))`;

export const signingKeysEntity = `(select json_build_object('kind', 'signing_keys',
  'keys', coalesce(json_agg(k.public_jwk order by k.created_at, k.kid), '[]'))
  from platform_signing_keys k where k.status not in ('retired', 'revoked'))`;

/**
 * One statement sees one moment of the database, and numbers are given in the order of commit: so what these rows hold is
 * exactly what the changes up to `position` made. Epochs and revocations are those that a token in time could be older
 * than: a token lives for 15 minutes, and clocks differ by less than the rest.
 */
const snapshot = statement<{ line: string }>(
  'feed_snapshot',
  `select line from (
     select 0 as part, null::uuid as tenant_id, json_build_object(
       'position', coalesce((select max(seq) from control_changes), 0)::text, 'taken_at', ${instant('now()')})::text as line
     union all
     select 1, null, ${signingKeysEntity}::text
     union all
     select 2, t.id, ${tenantEntity}::text from tenants t where t.status <> 'deleting'
     union all
     select 3, o.tenant_id, ${organizationEntity}::text
     from res_organizations o
     join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id
     join tenants t on t.id = o.tenant_id and t.status <> 'deleting'
     union all
     select 4, c.tenant_id, c.payload::text from (
       select distinct on (payload ->> 'user_id') tenant_id, payload from control_changes
       where kind = 'user_epoch' and created_at > now() - interval '30 minutes'
       order by payload ->> 'user_id', seq desc) c
     union all
     select 5, c.tenant_id, c.payload::text from control_changes c
     where c.kind = 'revoked_session' and c.created_at > now() - interval '30 minutes') lines
   order by part, tenant_id`,
);

/** NDJSON lines: position, entities. */
export async function readSnapshotLines(db: Queryable): Promise<string[]> {
  return (await db.query(snapshot)).map((row) => row.line);
}

const listAfter = statement<FeedChange>(
  'feed_list_changes',
  'select seq::text as position, payload as entity from control_changes where seq > $1 order by seq limit $2',
  { parse: { entity: 'json' } },
);

export const listChanges = (db: Queryable, after: string, limit: number): Promise<FeedChange[]> =>
  db.query(listAfter, [after, limit]);

const bounds = statement<{ gone: boolean }>(
  'feed_is_position_gone',
  `select $1::bigint < coalesce(min(seq), 1) - 1 or $1::bigint > coalesce(max(seq), 0) as gone from control_changes`,
  { parse: { gone: 'bool' } },
);

/** Is the position before what is kept, or one that this database never gave? */
export async function isPositionGone(db: Queryable, after: string): Promise<boolean> {
  const [row] = await db.query(bounds, [after]);
  return row?.gone ?? true;
}

const deleteOld = statement<{ seq: string }>(
  'feed_delete_changes',
  `delete from control_changes where seq = any(array(
     select seq from control_changes
     where seq < coalesce(
       (select min(seq) from control_changes where created_at >= now() - make_interval(secs => $1::int)),
       (select max(seq) from control_changes))
     order by seq limit $2::int))
   returning seq`,
);

/**
 * Only from the beginning on: `created_at` is when a transaction began, not the order of numbers, and a reader would take
 * a gap for nothing. The newest stays whatever its age: it says which positions were given.
 */
export async function deleteChangesOlderThan(db: Queryable, ageSeconds: number, limit: number): Promise<number> {
  return (await db.query(deleteOld, [ageSeconds, limit])).length;
}

const upsertInstance = statement<never>(
  'feed_upsert_instance',
  `insert into platform_instances (id, kind, last_seen_at, feed_position, key_ids, databases)
   values ($1, $2, now(), $3, $4, $5)
   on conflict (id) do update set last_seen_at = excluded.last_seen_at, feed_position = excluded.feed_position,
     key_ids = excluded.key_ids, databases = excluded.databases, updated_at = now()`,
);

export interface InstanceReport {
  readonly instance_id: string;
  readonly kind: InstanceKind;
  readonly feed_position: string;
  readonly key_ids: readonly string[];
  /** State of each database that it reaches, by key. */
  readonly databases?: Readonly<Record<string, string>>;
}

export async function upsertInstanceReport(db: Queryable, report: InstanceReport): Promise<void> {
  await db.query(upsertInstance, [
    report.instance_id,
    report.kind,
    report.feed_position,
    report.key_ids,
    report.databases ?? {},
  ]);
}
