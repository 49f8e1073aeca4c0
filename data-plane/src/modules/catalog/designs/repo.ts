import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { Design, designs } from '@platen/schema/contracts/data/designs';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';
import { adoptFileSql } from '../../files/index.js';

const item = jsonSelect(Design, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  customer_id: 't.customer_id',
  file_id: 't.file_id',
  colours: 't.colours',
  stitches: 't.stitches',
  width_mm: 't.width_mm',
  height_mm: 't.height_mm',
  hash: 't.hash',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listDesigns = listing({
  contract: designs.list,
  table: 'erp_designs',
  item,
  filters: { customer_id: 'uuid' },
});

const find = statement<JsonRow>(
  'design.find',
  `select ${item} as json, t.version from erp_designs t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findDesign = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

/** Columns under their own names; in a change, absent ones stay. */
export interface DesignFields {
  readonly code?: string;
  readonly name?: string;
  readonly customer_id?: string | null;
  readonly file_id?: string | null;
  readonly colours?: number | null;
  readonly stitches?: number | null;
  readonly width_mm?: number | null;
  readonly height_mm?: number | null;
}

/** Customer and file are read under row-level security: their foreign keys would also take what the caller cannot see. */
const references = (fields: string) => `verdict as (
     select (${fields} ->> 'customer_id') is null
         or exists (select from erp_customers c where c.id = (${fields} ->> 'customer_id')::uuid) as customer_known,
       (${fields} ->> 'file_id') is null or file.sha256 is not null as file_known,
       file.sha256
     from (select) here left join (
       select f.sha256 from erp_files f where f.id = (${fields} ->> 'file_id')::uuid and f.deleted_at is null
       for key share
     ) file on true
   )`;

interface Verdict {
  readonly customer_known: boolean;
  readonly file_known: boolean;
}
const parseVerdict = { customer_known: 'bool', file_known: 'bool' } as const;

interface CreatedRow extends Verdict {
  readonly json: string | null;
  readonly version: number | null;
}

const insert = statement<CreatedRow>(
  'design.insert',
  `with ${references('$4::jsonb')},
   t as (
     insert into erp_designs (tenant_id, organization_id, id, code, name, customer_id, file_id, colours, stitches,
       width_mm, height_mm, hash)
     select $1::uuid, $2::uuid, $3::uuid, n.code, n.name, n.customer_id, n.file_id, n.colours, n.stitches,
       n.width_mm, n.height_mm, verdict.sha256
     from verdict, jsonb_populate_record(null::erp_designs, $4::jsonb) n
     where verdict.customer_known and verdict.file_known
     returning *
   ),
   ${adoptFileSql('design', 'select t.id as owner_id, t.file_id, t.workspace_id from t')}
   select verdict.customer_known, verdict.file_known, t.version, case when t.id is not null then ${item} end as json
   from verdict left join t on true`,
  { parse: { ...parseVerdict, version: 'int' } },
);

export const insertDesign = async (
  db: Queryable,
  owner: { readonly tenantId: string; readonly organizationId: string; readonly id: string },
  fields: DesignFields,
): Promise<CreatedRow> => {
  const values = [owner.tenantId, owner.organizationId, owner.id, JSON.stringify(fields)];
  const [row] = await db.query(insert, values);
  if (!row) throw new Error('the verdict on a new design is one row');
  return row;
};

export interface DesignChange extends ChangeRow, Verdict {}

const update = statement<DesignChange>(
  'design.update',
  `with found as (select t.id, t.version from erp_designs t where t.id = $1::uuid),
   ${references('$3::jsonb')},
   changed as (
     update erp_designs t
     set (code, name, customer_id, file_id, colours, stitches, width_mm, height_mm) =
         (select n.code, n.name, n.customer_id, n.file_id, n.colours, n.stitches, n.width_mm, n.height_mm
          from jsonb_populate_record(t, $3::jsonb) n),
       hash = case when $3::jsonb ? 'file_id' then verdict.sha256 else t.hash end,
       version = t.version + 1, updated_at = now()
     from verdict
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int)
       and verdict.customer_known and verdict.file_known
     returning ${item} as json, t.version, t.id as owner_id, t.file_id, t.workspace_id
   ),
   ${adoptFileSql('design', 'select owner_id, file_id, workspace_id from changed')}
   select found.version as version_before, verdict.customer_known, verdict.file_known, changed.json, changed.version
   from found cross join verdict left join changed on true`,
  { parse: { ...parseChangeRow, ...parseVerdict } },
);

export const updateDesign = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: DesignFields,
): Promise<DesignChange | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];
