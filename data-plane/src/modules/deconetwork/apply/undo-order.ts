import { deleteImportedOrder, type ImportedOrder, lockOrderState, type OrderState } from '../../orders/index.js';
import { type OrderDeps, orderFields, orderGroups, writeOrderFields } from './apply-order.js';
import { forgetMade, noteApplied } from './maps-repo.js';
import { faultOf } from './order-faults.js';
import { keptError, restorable } from './restore.js';
import { refuse, type Undoing, type Undone } from './undoing.js';

/** One that was made is gone again; one that was changed is as it was, where it still is what the import made it. */
export async function undoOrder(deps: OrderDeps, undoing: Undoing): Promise<Undone> {
  const { tx, call, row, map, localId } = undoing;
  const state = await lockOrderState(tx, localId);
  if (!state) return refuse('not_found', 'The order is not there');
  if (row.outcome === 'updated') return restore(deps, undoing, state);
  if (state.version !== row.local_version) return refuse('changed_since', 'The order was changed here since');
  if (state.is_in_production) return refuse('in_production', 'The order is in production here');
  await deleteImportedOrder(tx, call.ctx, localId, state);
  forgetMade(tx, map.id);
  return { outcome: 'undone', before: orderFields(state), after: null };
}

async function restore(deps: OrderDeps, undoing: Undoing, state: OrderState): Promise<Undone> {
  const { tx, call, row, map, localId, receivedOn } = undoing;
  if (row.before === null || row.after === null) return refuse('not_found', 'The row does not say how it was');
  const ours = orderFields(state);
  const { fields, kept } = restorable({ before: row.before, after: row.after }, ours, orderGroups);
  const changed = Object.keys(fields);
  if (changed.length === 0) return refuse('changed_since', `Changed here since: ${kept.join(', ')}`);
  // Both are orders' fields.
  const next = { ...ours, ...fields } as unknown as ImportedOrder;
  const fault = faultOf(state, next, changed);
  if (fault) return refuse(fault.code, fault.message);
  const payment = { reference: `DecoNetwork ${row.dn_id}, undone`, receivedOn };
  await writeOrderFields(deps, tx, call.ctx, { id: localId, state, next, changed }, payment);
  // What was changed here before stays a change of ours.
  noteApplied(tx, map.id, { hash: null, modifiedAt: null, base: { ...map.base, ...fields } });
  return { outcome: 'undone', before: ours, after: { ...ours, ...fields }, error: keptError(kept) };
}
