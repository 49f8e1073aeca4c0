import { statement } from '@platen/chassis/db/statement';
import type { DnInventoryRecord } from '@platen/schema/contracts/internal/deconetwork';
import { countStock, findLocations, keepsStock, type Location } from '../../inventory/index.js';
import { add, compare, formatExact, parseExact, zero } from '../../pricing/index.js';
import { heldAtSql, wholePiecesSql } from '../held-levels.js';
import type { Told, Work } from './call.js';
import { bookKey, type MapBook, noteLevel } from './maps-repo.js';
import { conflictError, mergeFields } from './merge.js';
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

const selectLevel = statement<{ level: number | null; at: string }>(
  'dn_apply.find_level',
  `select ${wholePiecesSql} as level, coalesce(sum(l.on_hand) filter (where l.location_id = $3::uuid), 0)::text as at
   from erp_stock_levels l where l.variant_id = $1::uuid and l.location_id = any(array(${heldAtSql('$2')}))`,
  { parse: { level: 'int' } },
);

interface OurLevel {
  /** Where what is more or less is booked. */
  readonly at: Location;
  readonly onHandThere: string;
  /** Of all places: whole pieces, as the site counts. null: none of them has kept it yet. */
  readonly level: number | null;
}

/** What lies here of a variant, as a site is told it. undefined: no place is the caller's. */
export async function findOurLevel(
  { tx, ctx }: Pick<Work, 'tx' | 'ctx'>,
  variantId: string,
): Promise<OurLevel | undefined> {
  const at = (await findLocations(tx, ctx)).find(({ kind }) => kind === 'internal');
  if (!at) return undefined;
  const [row] = await tx.query(selectLevel, [variantId, ctx.workspaceId, at.id]);
  return { at, onHandThere: row?.at ?? '0', level: row?.level ?? null };
}

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
  const ours = local.level ?? 0;
  const theirs = record.level;
  if (map.written?.['level'] === theirs && map.base?.['level'] !== theirs) {
    noteLevel(tx, map.id, theirs);
    return null;
  }
  const known = typeof map.base?.['level'] === 'number' ? { level: map.base['level'] } : null;
  // Where nobody here has counted any, it is the site's to say.
  const base = known ?? (local.level === null ? { level: ours } : null);
  const merged = mergeFields({ base, theirs: { level: theirs }, ours: { level: ours } }, connection.conflict_rule);
  const waits = merged.waiting.length > 0;
  if (!waits && known?.level !== theirs) noteLevel(tx, map.id, theirs);
  const told = {
    mapId: map.id,
    localId: map.local_id,
    before: { level: ours, location_id: local.at.id },
    after: { level: merged.result['level'], location_id: local.at.id },
    loser: merged.loser,
  };
  if (waits) return { ...told, outcome: 'review', error: conflictError(['level']) };
  if (merged.changed.length === 0) return merged.loser ? { ...told, outcome: 'updated' } : null;
  const delta = parseExact(String(theirs - ours));
  const there = add(parseExact(local.onHandThere), delta);
  if (compare(delta, zero) < 0 && compare(there, zero) < 0 && !local.at.allowNegative) {
    const message = `The site has ${theirs}, and ${formatExact(parseExact(local.onHandThere))} of ours lie in ${local.at.code}`;
    return review('stock_short', message, { ...told, after: null });
  }
  await countStock(tx, ctx, {
    locationId: local.at.id,
    lines: [{ variantId: map.local_id, counted: null, delta: formatExact(delta) }],
    source: { kind: 'adjustment', type: 'adjustment', id: ctx.newId(), reason: `DecoNetwork ${record.dn_id}` },
  });
  return { ...told, outcome: 'updated' };
}
