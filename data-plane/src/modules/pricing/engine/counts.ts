import type { Basket, BasketDecoration, BasketLine } from './basket.js';
import { decorates, type Plan } from './plan.js';

/** Pieces over the whole basket, as far as they concern one line. What is not named counts as the line's own. */
export interface LineCounts {
  readonly product: number;
  readonly designs: ReadonlyMap<string, number>;
  /** By rule id. */
  readonly rules: ReadonlyMap<string, number>;
}

/** A line with the rules for it. */
export interface PlannedLine {
  readonly line: BasketLine;
  readonly plan: Plan;
  readonly quantity: number;
}

export const artworkOf = (line: BasketLine, decoration: BasketDecoration): string | null =>
  decoration.designId ?? line.designId;

export function quantityOf({ sizes }: BasketLine): number {
  let quantity = 0;
  for (const size of sizes) quantity += size.quantity;
  return quantity;
}

/** The designs that a line bears, each once, sorted. */
export function designsOf(line: BasketLine): readonly string[] {
  if (line.decorations.length === 0) return line.designId === null ? none : [line.designId];
  const designs = new Set<string>();
  if (line.designId !== null) designs.add(line.designId);
  for (const { designId } of line.decorations) if (designId !== null) designs.add(designId);
  return [...designs].sort();
}
const none: readonly string[] = [];
const noCounts: ReadonlyMap<string, number> = new Map();

export function countPieces(lines: readonly PlannedLine[]): (planned: PlannedLine) => LineCounts {
  const products = new Map<string, number>();
  const designs = new Map<string, number>();
  const rules = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string, pieces: number) =>
    counts.set(key, (counts.get(key) ?? 0) + pieces);
  for (const { line, plan, quantity } of lines) {
    count(products, line.productId, quantity);
    for (const design of designsOf(line)) count(designs, design, quantity);
    for (const entry of plan.countedByRule) {
      if (entry.kind === 'quantity_tier' || line.decorations.some((it) => decorates(entry, it))) {
        count(rules, entry.ruleId, quantity);
      }
    }
  }
  return ({ line, plan, quantity }) => ({
    product: products.get(line.productId) ?? quantity,
    designs: only(designs, designsOf(line)),
    rules:
      plan.countedByRule.length > 0 ? only(rules, plan.countedByRule.map((entry) => entry.ruleId).sort()) : noCounts,
  });
}

function only(counts: ReadonlyMap<string, number>, keys: readonly string[]): ReadonlyMap<string, number> {
  if (keys.length === 0) return noCounts;
  const some = new Map<string, number>();
  for (const key of keys) {
    const pieces = counts.get(key);
    if (pieces !== undefined) some.set(key, pieces);
  }
  return some;
}

/** Calendar days from one date to the other. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

export const dayContext = ({ priceOn, dueOn }: Pick<Basket, 'priceOn' | 'dueOn'>) => ({
  priceOn,
  dueOn,
  days: dueOn === null ? null : daysBetween(priceOn, dueOn),
});
