import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { DnInventoryRecord } from '@platen/schema/contracts/internal/deconetwork';
import { countStock, findLocations, keepsStock } from '../../inventory/index.js';
import { compare, parseExact } from '../../pricing/index.js';
import { conflictError } from './apply-customer.js';
import type { Told, Work } from './call.js';
import { bookKey, type MapBook, noteLevel } from './maps-repo.js';
import { mergeFields } from './merge.js';
import { isMapped, meetAll, review, type Wanted, waitsFor } from './refs.js';

export type InventoryWork = Work<DnInventoryRecord>;

export const wantedByInventory = (record: DnInventoryRecord): Wanted => ({
  kind: 'variant',
  dnId: record.dn_id,
  label: [record.product.name, record.colour, record.size].filter((text) => text).join(', '),
  detail: {
    sku: record.sku,
    code: record.product.code,
    size: record.size,
    colour: record.colour,
    product_dn_id: record.product.dn_id,
  },
});

const selectLevel = statement<{ on_hand: string }>(
  'dn_apply.find_level',
  'select l.on_hand from erp_stock_levels l where l.variant_id = $1::uuid and l.location_id = $2::uuid',
);

/** The level at the first location of ours: whole pieces, as the site counts. */
export async function findOurLevel(work: Pick<Work, 'tx' | 'ctx'>, variantId: string) {
  const at = (await findLocations(work.tx, work.ctx)).find(({ kind }) => kind === 'internal');
  if (!at) return null;
  return { at, onHand: await findOnHand(work.tx, variantId, at.id) };
}
const findOnHand = async (tx: Tx, variantId: string, locationId: string): Promise<string> =>
  (await tx.query(selectLevel, [variantId, locationId]))[0]?.on_hand ?? '0';

/** What the site has of a variant becomes a count of ours, where only the site's has changed. */
export async function applyInventory(work: InventoryWork, book: MapBook): Promise<Told> {
  const { record, tx, ctx, connection } = work;
  const wanted = wantedByInventory(record);
  // Not kept there, or not here: then there is nothing to be told of it.
  if (record.level === null || !keepsStock(ctx)) return null;
  await meetAll(work, book, [wanted]);
  const map = book.get(bookKey('variant', record.dn_id));
  if (map?.state === 'ignored') return null;
  if (!isMapped(map) || map.local_id === null) return waitsFor(work, book, [wanted]);
  const local = await findOurLevel(work, map.local_id);
  if (!local) return review('no_location', 'There is no stock location here', { mapId: map.id });
  const ours = Number(local.onHand);
  const theirs = record.level;
  if (map.written?.['level'] === theirs && map.base?.['level'] !== theirs) {
    noteLevel(tx, map.id, theirs);
    return null;
  }
  const base = typeof map.base?.['level'] === 'number' ? { level: map.base['level'] } : null;
  const merged = mergeFields({ base, theirs: { level: theirs }, ours: { level: ours } }, connection.conflict_rule);
  const waits = merged.conflicts.length > 0 && connection.conflict_rule === 'review';
  if (!waits && base?.level !== theirs) noteLevel(tx, map.id, theirs);
  const told = {
    mapId: map.id,
    localId: map.local_id,
    before: { level: ours, location_id: local.at.id },
    after: { level: merged.result['level'], location_id: local.at.id },
    loser: merged.loser,
  };
  if (waits) return { ...told, outcome: 'review', error: conflictError(['level']) };
  if (merged.changed.length === 0) return merged.loser ? { ...told, outcome: 'updated' } : null;
  if (compare(parseExact(String(theirs)), parseExact('0')) < 0 && !local.at.allowNegative) {
    return review('stock_short', `The site has ${theirs}, which no location here can have`, told);
  }
  await countStock(tx, ctx, {
    locationId: local.at.id,
    lines: [{ variantId: map.local_id, counted: String(theirs), delta: null }],
    source: { kind: 'adjustment', type: 'adjustment', id: ctx.newId(), reason: `DecoNetwork ${record.dn_id}` },
  });
  return { ...told, outcome: 'updated' };
}
