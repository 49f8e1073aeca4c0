import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { DnConnection } from '@platen/schema/contracts/data/dn-shapes';

/** SQL of a connection's JSON over a row of dn_connections under the alias `t`. What signs in there is not in it. */
export const connectionJson = jsonSelect(DnConnection, {
  id: 't.id',
  name: 't.name',
  site_url: 't.site_url',
  status: 't.status',
  field_map: jsonExpression('t.field_map'),
  conflict_rule: 't.conflict_rule',
  currency: 't.currency',
  kinds: jsonExpression('t.kinds'),
  create_missing: jsonExpression('t.create_missing'),
  write_back: jsonExpression('t.write_back'),
  sync_every_minutes: 't.sync_every_minutes',
  cursor: jsonExpression('t.cursor'),
  last_synced_at: 't.last_synced_at',
  last_test: jsonExpression('t.last_test'),
  in_review: `(select count(*) from dn_maps m where m.connection_id = t.id and m.state = 'review')`,
  organization_id: 't.organization_id',
  workspace_id: 't.workspace_id',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
