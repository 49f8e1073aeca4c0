import { createChecker } from '@platen/chassis/validation/checker';
import type { DnReceiptWrite } from '@platen/schema/contracts/internal/deconetwork';
import { Type } from 'typebox';

const Pieces = Type.Integer({ minimum: 0 });
/** What `dn_maps.base` keeps of a purchase order: its lines as the site had them when it was last read. */
const siteOrders = createChecker(
  Type.Object({
    lines: Type.Array(
      Type.Object({
        dn_id: Type.String(),
        variant_dn_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        sku: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        ordered: Pieces,
        received: Pieces,
      }),
    ),
  }),
);
/** And `written`: how many of each line the site has after what we told it. */
const toldLines = createChecker(Type.Object({ lines: Type.Record(Type.String(), Pieces) }));

interface SiteLine {
  readonly id: string;
  readonly variantDnId: string | null;
  readonly sku: string | null;
  readonly ordered: number;
  /** As the site has it, told or of its own. */
  received: number;
}
/** Lines of the site's purchase order, with what is on its way to them counted in. */
export function siteLinesOf(
  map: { readonly base: unknown; readonly written: unknown },
  onTheirWay: readonly DnReceiptWrite[],
): SiteLine[] {
  if (!siteOrders.check(map.base)) return [];
  const told = toldLines.check(map.written) ? map.written.lines : {};
  const waiting = onTheirWay.flatMap(({ lines }) => lines);
  return map.base.lines.map((line) => ({
    id: line.dn_id,
    variantDnId: line.variant_dn_id ?? null,
    sku: line.sku ?? null,
    ordered: line.ordered,
    received: waiting.reduce(
      (sum, { line_id, quantity }) => (line_id === line.dn_id ? sum + quantity : sum),
      Math.max(line.received, told[line.dn_id] ?? 0),
    ),
  }));
}

/** What a delivery brought of one variant. */
export interface ArrivedVariant {
  readonly variant_id: string;
  /** By which a line that names no mapped variant is found: ours, and the supplier's. */
  readonly skus: readonly string[];
  readonly arrived: number;
  /** Of the purchase order, by all deliveries. */
  readonly received: number;
}
export interface PairedReceipt {
  readonly lines: DnReceiptWrite['lines'];
  /** SKUs of what stands on no line of the site's. */
  readonly unknown: readonly string[];
}

/**
 * A delivery in lines of the site's purchase order: never more than the site lacks of what is here, so that what was read
 * from there is not told back. Whole pieces; what stays over is told with the next delivery. A line takes what is open on
 * it, the last one the rest: that it is too much is the site's to say.
 */
export function pairReceipt(
  arrivals: readonly ArrivedVariant[],
  site: readonly SiteLine[],
  variantOf: ReadonlyMap<string, string>,
): PairedReceipt {
  const told = new Map<string, number>();
  const unknown: string[] = [];
  for (const { variant_id: variantId, skus, arrived, received } of arrivals) {
    const byMap = site.filter(({ variantDnId }) => variantDnId !== null && variantOf.get(variantDnId) === variantId);
    const found = byMap.length > 0 ? byMap : site.filter(({ sku }) => sku !== null && skus.includes(sku));
    if (found.length === 0) {
      unknown.push(skus[0] ?? variantId);
      continue;
    }
    const there = found.reduce((sum, line) => sum + line.received, 0);
    let rest = Math.floor(Math.min(arrived, received - there));
    for (const [index, line] of found.entries()) {
      const isLast = index === found.length - 1;
      const taken = isLast ? rest : Math.min(rest, Math.max(0, line.ordered - line.received));
      if (taken <= 0) continue;
      told.set(line.id, (told.get(line.id) ?? 0) + taken);
      line.received += taken;
      rest -= taken;
    }
  }
  return { lines: [...told].map(([line_id, quantity]) => ({ line_id, quantity })), unknown };
}

/** What the site has of each line once it took a delivery: beside what it was told before. */
export function toldAfter(map: { readonly base: unknown; readonly written: unknown }, write: DnReceiptWrite): object {
  const before = toldLines.check(map.written) ? map.written.lines : {};
  const now = siteLinesOf(map, [write]).map(({ id, received }) => [id, received] as const);
  return { lines: { ...before, ...Object.fromEntries(now) } };
}
