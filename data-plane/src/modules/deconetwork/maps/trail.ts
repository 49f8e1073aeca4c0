import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { DnStep, dnMaps } from '@platen/schema/contracts/data/dn-maps';
import { importRowJson } from '../imports/json.js';
import { callJson } from '../writes/calls-repo.js';

const step = jsonSelect(DnStep, {
  id: 't.id',
  at: 't.created_at',
  row: jsonExpression('t.row'),
  call: jsonExpression('t.call'),
});
/** Its newest, each by the index over (map, id): ids are in the order of time. */
const newest = (table: string, row: string, call: string) =>
  `(select t.id, t.created_at, ${row} as row, ${call} as call from ${table} t
    where t.map_id = $3::uuid and t.id < $2::uuid order by t.id desc limit $1::int + 1)`;

/** The way of a record: what imports did with it, and what its site was told. */
export const trailPage = definePage({
  contract: dnMaps.trail,
  item: step,
  key: 't.id::text',
  rows: `select t.* from (${newest('dn_import_job_rows', importRowJson, 'null::text')}
    union all ${newest('dn_calls', 'null::text', callJson)}) t order by t.id desc`,
  start: lastId,
});
