import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { StockLocation, stockLocations } from '@platen/schema/contracts/data/stock';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';

const item = jsonSelect(StockLocation, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  kind: 't.kind',
  workspace_id: 't.workspace_id',
  position: 't.position',
  allow_negative: 't.allow_negative',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listLocations = listing({
  contract: stockLocations.list,
  table: 'erp_stock_locations',
  item,
  filters: { kind: 'text' },
});

const find = statement<JsonRow>(
  'stock_location.find',
  `select ${item} as json, t.version from erp_stock_locations t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findLocation = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewLocation {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly position: number;
  readonly allowNegative: boolean;
}

const insert = statement<JsonRow>(
  'stock_location.insert',
  `insert into erp_stock_locations as t
     (tenant_id, organization_id, workspace_id, id, code, name, kind, position, allow_negative)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, 'internal', $7::int, $8::bool)
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

export const insertLocation = async (db: Queryable, row: NewLocation): Promise<JsonRow | undefined> =>
  (
    await db.query(insert, [
      row.tenantId,
      row.organizationId,
      row.workspaceId,
      row.id,
      row.code,
      row.name,
      row.position,
      row.allowNegative,
    ])
  )[0];

/** Columns to change, under their own names; absent ones stay. */
export interface LocationPatch {
  readonly name?: string;
  readonly position?: number;
  readonly allow_negative?: boolean;
}

const update = statement<ChangeRow>(
  'stock_location.update',
  `with found as (select t.id, t.version from erp_stock_locations t where t.id = $1::uuid),
   changed as (
     update erp_stock_locations t
     set (name, position, allow_negative) =
         (select n.name, n.position, n.allow_negative from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int)
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);

export const updateLocation = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: LocationPatch,
): Promise<ChangeRow | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];

// Locked in the order in which everybody locks levels. The database refuses what is below zero and may not be.
const copyAllowance = statement<never>(
  'stock_location.copy_allowance',
  `with held as (
     select l.id from erp_stock_levels l where l.location_id = $1::uuid
     order by l.variant_id, l.location_id for no key update
   )
   update erp_stock_levels l set allow_negative = at.allow_negative, updated_at = $2::timestamptz
   from held, erp_stock_locations at
   where l.id = held.id and at.id = l.location_id and l.allow_negative <> at.allow_negative`,
);

/** Brings what the location allows to its levels. */
export const updateAllowance = (tx: Tx, locationId: string, now: Date): void =>
  tx.defer(copyAllowance, [locationId, now]);

/** The constraint that a level below zero breaks where it may not be. */
export const belowZero = 'erp_stock_levels_on_hand_check';
