import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { DnMap } from '@platen/schema/contracts/data/dn-shapes';

/** SQL of a map's JSON over a row of dn_maps under the alias `t`. */
export const mapJson = jsonSelect(DnMap, {
  id: 't.id',
  connection_id: 't.connection_id',
  kind: 't.kind',
  dn_id: 't.dn_id',
  state: 't.state',
  local_id: 't.local_id',
  local_code: 't.local_code',
  label: 't.label',
  detail: jsonExpression('t.detail'),
  suggested_id: 't.suggested_id',
  suggested_by: 't.suggested_by',
  dn_modified_at: 't.dn_modified_at',
  mapped_by: 't.mapped_by',
  mapped_at: 't.mapped_at',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
