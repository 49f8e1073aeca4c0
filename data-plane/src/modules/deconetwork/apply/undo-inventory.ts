import { countStock } from '../../inventory/index.js';
import { add, compare, formatExact, parseExact, zero } from '../../pricing/index.js';
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
  if ((local.level ?? 0) !== is) return refuse('changed_since', `There are ${local.level ?? 0} by now`);
  const delta = parseExact(String(was - is));
  if (compare(add(parseExact(local.onHandThere), delta), zero) < 0 && !local.at.allowNegative)
    return refuse('stock_short', `What came lies elsewhere than in ${local.at.code} by now`);
  await countStock(tx, call.ctx, {
    locationId: local.at.id,
    lines: [{ variantId: localId, counted: null, delta: formatExact(delta) }],
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
