import { countStock } from '../../inventory/index.js';
import { findOurLevel } from './apply-inventory.js';
import { noteLevel } from './maps-repo.js';
import { refuse, type Undoing, type Undone } from './undoing.js';

/** A count is taken back by another one, where nothing has come or gone since. */
export async function undoInventory({ tx, call, row, map, localId }: Undoing): Promise<Undone> {
  const [was, is] = [row.before?.['level'], row.after?.['level']];
  if (typeof was !== 'number' || typeof is !== 'number') return refuse('not_found', 'The row does not say how it was');
  const local = await findOurLevel({ tx, ctx: call.ctx }, localId);
  if (!local || local.at.id !== row.after?.['location_id'])
    return refuse('changed_since', 'It is counted elsewhere by now');
  if (Number(local.onHand) !== is) return refuse('changed_since', `There are ${Number(local.onHand)} by now`);
  await countStock(tx, call.ctx, {
    locationId: local.at.id,
    lines: [{ variantId: localId, counted: String(was), delta: null }],
    source: {
      kind: 'adjustment',
      type: 'adjustment',
      id: call.ctx.newId(),
      reason: `DecoNetwork ${row.dn_id}, undone`,
    },
  });
  noteLevel(tx, map.id, was);
  return { outcome: 'undone', before: { level: is }, after: { level: was } };
}
