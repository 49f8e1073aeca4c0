import { statement } from '@platen/chassis/db/statement';
import { lockCustomer, updateCustomer } from '../../customers/index.js';
import { forgetMade, noteApplied } from './maps-repo.js';
import type { Fields } from './merge.js';
import { keptError, restorable } from './restore.js';
import { inUse, refuse, type Undoing, type Undone } from './undoing.js';

const remove = statement<{ id: string }>(
  'dn_undo.delete_customer',
  'delete from erp_customers where id = $1::uuid returning id',
);

export async function undoCustomer({ tx, row, map, localId }: Undoing): Promise<Undone> {
  const local = await lockCustomer(tx, localId);
  if (!local) return refuse('not_found', 'The customer is not there');
  const { version, ...fields } = local;
  const ours: Fields = { ...fields };
  if (row.outcome === 'created') {
    if (version !== row.local_version) return refuse('changed_since', 'The customer was changed here since');
    if ((await tx.query(remove, [localId])).length === 0) return inUse;
    forgetMade(tx, map.id);
    return { outcome: 'undone', before: ours, after: null };
  }
  if (row.before === null || row.after === null) return refuse('not_found', 'The row does not say how it was');
  const back = restorable({ before: row.before, after: row.after }, ours);
  if (Object.keys(back.fields).length === 0)
    return refuse('changed_since', `Changed here since: ${back.kept.join(', ')}`);
  await updateCustomer(tx, localId, null, back.fields);
  noteApplied(tx, map.id, { hash: null, modifiedAt: null, base: { ...map.base, ...back.fields } });
  return { outcome: 'undone', before: ours, after: { ...ours, ...back.fields }, error: keptError(back.kept) };
}
