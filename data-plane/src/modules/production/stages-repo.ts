import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { ProductionStage } from '@platen/schema/contracts/data/production';
import type { wipPolicies } from '@platen/schema/states/production-job';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../stored-json.js';
import type { TenantCtx } from '../module.js';

const item = jsonSelect(ProductionStage, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  position: 't.position',
  wip_limit: 't.wip_limit',
  wip_policy: 't.wip_policy',
  requires_artwork: 't.requires_artwork',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

const selectAll = statement<{ readonly items: string | null }>(
  'production.stages',
  `select string_agg(${item}, ',' order by t.position, t.id) as items from erp_production_stages t`,
);
/** JSON of the items, separated by commas; null: there are none. */
export async function listStages(db: Queryable): Promise<string | null> {
  const [row] = await db.query(selectAll);
  return row?.items ?? null;
}

/** The way of most shops. Once somebody has made stages of their own, these do not come back. */
export const standardStages: readonly (readonly [code: string, name: string])[] = [
  ['art', 'Art'],
  ['approved', 'Approved'],
  ['pre-press', 'Pre-press'],
  ['blanks', 'Blanks'],
  ['press', 'Press'],
  ['finish', 'Finish'],
  ['quality', 'Quality'],
  ['pack', 'Pack'],
];
// Who comes second finds the codes taken, by the same stages.
const insertStandard = statement<never>(
  'production.insert_standard_stages',
  `insert into erp_production_stages (tenant_id, organization_id, id, code, name, position, requires_artwork)
  select $1::uuid, $2::uuid, made.id, made.code, made.name, made.place * 10, made.place > 1
  from unnest($3::uuid[], $4::text[], $5::text[]) with ordinality as made (id, code, name, place)
  where not exists (select from erp_production_stages)
  on conflict (tenant_id, organization_id, code) do nothing`,
);

/** Makes the standard stages of an organization that has none. */
export async function insertStandardStages(db: Queryable, ctx: TenantCtx): Promise<void> {
  const ids = standardStages.map(() => ctx.newId());
  const [codes, names] = [standardStages.map(([code]) => code), standardStages.map(([, name]) => name)];
  await db.query(insertStandard, [ctx.tenant.id, ctx.organizationId, ids, codes, names]);
}

export interface NewStage {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly position: number;
  readonly wipLimit: number | null;
  readonly wipPolicy: (typeof wipPolicies)[number];
  readonly requiresArtwork: boolean;
}
// No workspace: the board's columns are the whole organization's.
const insert = statement<JsonRow>(
  'production.insert_stage',
  `insert into erp_production_stages as t (tenant_id, organization_id, id, code, name, position, wip_limit, wip_policy,
    requires_artwork)
  values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8, $9) returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);
export async function insertStage(db: Queryable, stage: NewStage): Promise<JsonRow | undefined> {
  const [row] = await db.query(insert, [
    stage.tenantId,
    stage.organizationId,
    stage.id,
    stage.code,
    stage.name,
    stage.position,
    stage.wipLimit,
    stage.wipPolicy,
    stage.requiresArtwork,
  ]);
  return row;
}

/** Columns under their own names; absent ones stay. */
export interface StagePatch {
  readonly name?: string;
  readonly position?: number;
  readonly wip_limit?: number | null;
  readonly wip_policy?: (typeof wipPolicies)[number];
  readonly requires_artwork?: boolean;
}
const update = statement<ChangeRow>(
  'production.update_stage',
  `with found as (select t.id, t.version from erp_production_stages t where t.id = $1::uuid),
   changed as (
     update erp_production_stages t
     set (name, position, wip_limit, wip_policy, requires_artwork) =
         (select n.name, n.position, n.wip_limit, n.wip_policy, n.requires_artwork
          from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = $4::timestamptz
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int)
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);
export async function updateStage(
  db: Queryable,
  id: string,
  patch: StagePatch,
  { ifMatch, at }: { readonly ifMatch: number | null; readonly at: Date },
): Promise<ChangeRow | undefined> {
  const [row] = await db.query(update, [id, ifMatch, JSON.stringify(patch), at]);
  return row;
}

/** A stage whose row is locked: who adds cards to it or orders them is alone. */
export interface LockedStage {
  readonly id: string;
  readonly name: string;
  readonly wip_limit: number | null;
  readonly wip_policy: (typeof wipPolicies)[number];
  readonly requires_artwork: boolean;
  readonly version: number;
}
const stageColumns = 'id, name, wip_limit, wip_policy, requires_artwork, version';
const parseStage = { wip_limit: 'int', requires_artwork: 'bool', version: 'int' } as const;
const lock = statement<LockedStage>(
  'production.lock_stage',
  `select ${stageColumns} from erp_production_stages where id = $1::uuid for no key update`,
  { parse: parseStage },
);
export async function lockStage(tx: Tx, id: string): Promise<LockedStage | undefined> {
  const [row] = await tx.query(lock, [id]);
  return row;
}
const lockFirst = statement<LockedStage>(
  'production.lock_first_stage',
  `select ${stageColumns} from erp_production_stages order by position, id limit 1 for no key update`,
  { parse: parseStage },
);
/** Where new jobs come to. */
export async function lockFirstStage(tx: Tx): Promise<LockedStage | undefined> {
  const [row] = await tx.query(lockFirst);
  return row;
}

// Jobs go to the stage's neighbour, which is to stay: who takes stages down does it one after the other.
const lockAll = statement<never>(
  'production.lock_stages',
  'select from erp_production_stages order by id for no key update',
);
export async function lockStages(tx: Tx): Promise<void> {
  await tx.query(lockAll);
}

const selectOpen = statement<{ open: boolean }>(
  'production.stage_has_jobs',
  'select exists (select from erp_production_jobs where stage_id = $1::uuid and rank is not null) as open',
  { parse: { open: 'bool' } },
);
export async function hasOpenJobs(tx: Tx, stageId: string): Promise<boolean> {
  const [row] = await tx.query(selectOpen, [stageId]);
  return row?.open === true;
}

// The one to the left, or of the first the next: jobs that ended have to have been somewhere.
const moveClosed = statement<never>(
  'production.move_closed_jobs',
  `update erp_production_jobs j set stage_id = other.id, version = j.version + 1
  from (
    select s.id from erp_production_stages s, erp_production_stages gone
    where gone.id = $1::uuid and s.id <> gone.id
    order by (s.position, s.id) > (gone.position, gone.id), abs(s.position - gone.position), s.id limit 1
  ) other
  where j.stage_id = $1::uuid and j.rank is null`,
);
const remove = statement<never>('production.delete_stage', 'delete from erp_production_stages where id = $1::uuid');
/** Of a locked stage without open jobs. */
export async function deleteStage(tx: Tx, id: string): Promise<void> {
  tx.defer(moveClosed, [id]);
  await tx.query(remove, [id]);
}
