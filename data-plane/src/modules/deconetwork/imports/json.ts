import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { DnImportJob, DnImportRow, DnImportRowDetail } from '@platen/schema/contracts/data/dn-shapes';
import { outcomeCounts } from '../outcome-counts.js';

/** Of the rows that are there by now. */
const countsSql = `(select jsonb_build_object('unchanged', i.unchanged, ${outcomeCounts
  .map(([name, count]) => `'${name}', ${count}`)
  .join(', ')}) from dn_import_job_rows r where r.job_id = i.id)`;

/** SQL of an import over its row `i` and its job `t`. */
export const importJobJson = jsonSelect(DnImportJob, {
  id: 'i.id',
  connection_id: 'i.connection_id',
  task: 'i.task',
  of_job_id: 'i.of_job_id',
  dry_run: 'i.dry_run',
  kinds: jsonExpression('i.kinds'),
  create_missing: jsonExpression('i.create_missing'),
  modified_from: 'i.modified_from',
  modified_to: 'i.modified_to',
  status: 't.status',
  progress: 't.progress',
  progress_total: 't.progress_total',
  counts: jsonExpression(countsSql),
  error: jsonExpression('t.error'),
  started_at: 't.started_at',
  finished_at: 't.finished_at',
  expires_at: 't.expires_at',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/** Items of a list that are compared one by one in a list of rows. */
const comparedItems = 20;

/**
 * Every leaf of both sides by its path, where they differ. Lines are counted from 1. With `most`, the items of a list after
 * so many are one leaf, `variants.21+`, whose value is how many there are, where anything of the list differs: a page may
 * be of rows with thousands each.
 */
const changesSql = (most?: number) => `(with recursive walk (side, path, value, rest) as (
    select 'before', null::text, t.before, null::int where t.before is not null
    union all select 'after', null, t.after, null where t.after is not null
    union all
    select w.side, concat_ws('.', w.path, part.key), part.value, part.rest from walk w, lateral (
      select key, value, null::int as rest from jsonb_each(case when jsonb_typeof(w.value) = 'object' then w.value else '{}' end)
      union all
      select ordinality::text, value, null from jsonb_array_elements(case when jsonb_typeof(w.value) <> 'array' then '[]'
        else ${most === undefined ? 'w.value' : `jsonb_path_query_array(w.value, '$[0 to ${most - 1}]')`} end) with ordinality
      ${most === undefined ? '' : `union all ${restSql(most)}`}
    ) part
  ), leaf as (select side, path, value, rest from walk where path is not null
    and (jsonb_typeof(value) not in ('object', 'array') or value in ('{}', '[]')))
  select coalesce(jsonb_agg(jsonb_build_object('field', path, 'before', coalesce(to_jsonb(b.rest), b.value),
    'after', coalesce(to_jsonb(a.rest), a.value)) order by string_to_array(path, '.') collate "C"), '[]')
  from (select path, value, rest from leaf where side = 'before') b
  full join (select path, value, rest from leaf where side = 'after') a using (path)
  where b.value is distinct from a.value)`;

// Two sides are told apart by the whole list's hash: to take the others out of each would cost more than all else.
const restSql = (most: number) => `select '${most + 1}+', to_jsonb(jsonb_hash_extended(w.value, 0)::text),
    jsonb_array_length(w.value) - ${most}
  where case when jsonb_typeof(w.value) = 'array' then jsonb_array_length(w.value) > ${most} end`;

const row = {
  id: 't.id',
  job_id: 't.job_id',
  kind: 't.kind',
  dn_id: 't.dn_id',
  outcome: 't.outcome',
  map_id: 't.map_id',
  local_id: 't.local_id',
  changes: jsonExpression(changesSql(comparedItems)),
  loser: jsonExpression('t.loser'),
  error: jsonExpression('t.error'),
  dn_modified_at: 't.dn_modified_at',
  settled_by_job_id: 't.settled_by_job_id',
  created_at: 't.created_at',
};
/** Over a row `t` of dn_import_job_rows. */
export const importRowJson = jsonSelect(DnImportRow, row);
export const importRowDetailJson = jsonSelect(DnImportRowDetail, {
  ...row,
  changes: jsonExpression(changesSql()),
  before: jsonExpression('t.before'),
  after: jsonExpression('t.after'),
  raw: 't.raw',
});
