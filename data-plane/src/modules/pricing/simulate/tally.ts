import type { OutputOf } from '@platen/schema/contract';
import type { pricing } from '@platen/schema/contracts/data/pricing';
import { add, type Exact, formatExact, integer, multiply, parseExact, subtract, zero } from '../engine/exact.js';

type Simulation = OutputOf<typeof pricing.simulate>;
export type Comparison = Simulation['totals']['comparison'];

/** A line of a document, with its price before and after. */
export interface ComparedLine {
  readonly productId: string;
  readonly pieces: number;
  readonly old: string;
  readonly new: string;
  /** Of all its pieces; null where one is unknown. */
  readonly cost: Exact | null;
}

/** Of a line's sizes, each with its variant's cost. */
export function costOf(sizes: readonly { readonly quantity: number; readonly cost: string | null }[]): Exact | null {
  let sum: Exact = zero;
  for (const { quantity, cost } of sizes) {
    if (cost === null) return null;
    sum = add(sum, multiply(parseExact(cost), integer(quantity)));
  }
  return sum;
}

export const netSum = (amounts: readonly string[]): string =>
  formatExact(amounts.reduce<Exact>((sum, amount) => add(sum, parseExact(amount)), zero));

interface Tally {
  readonly documents: Set<number>;
  pieces: number;
  old: Exact;
  new: Exact;
  cost: Exact | null;
}
const startTally = (): Tally => ({ documents: new Set(), pieces: 0, old: zero, new: zero, cost: zero });

function count(tally: Tally, line: ComparedLine, document: number): void {
  tally.documents.add(document);
  tally.pieces += line.pieces;
  tally.old = add(tally.old, parseExact(line.old));
  tally.new = add(tally.new, parseExact(line.new));
  tally.cost = tally.cost && line.cost && add(tally.cost, line.cost);
}

/** Adds up what documents tell: by customer, by product, and all of them. */
export function createTallies(currency: string) {
  const customers = new Map<string | null, Tally>();
  const products = new Map<string, Tally>();
  const totals = startTally();
  let documents = 0;
  const of = <K>(tallies: Map<K, Tally>, key: K): Tally => {
    const tally = tallies.get(key) ?? startTally();
    tallies.set(key, tally);
    return tally;
  };
  const sums = (tally: Tally) => ({ compared: tally.documents.size, comparison: comparisonOf(tally, currency) });
  return {
    /** A document without a new price has no lines to compare. */
    addDocument(customerId: string | null, lines: readonly ComparedLine[]): void {
      documents += 1;
      for (const line of lines) {
        for (const tally of [totals, of(customers, customerId), of(products, line.productId)]) {
          count(tally, line, documents);
        }
      }
    },
    answer: (): Pick<Simulation, 'customers' | 'products' | 'totals'> => ({
      customers: [...customers].map(([customerId, tally]) => ({ customer_id: customerId, ...sums(tally) })),
      products: [...products].map(([productId, tally]) => ({
        product_id: productId,
        pieces: tally.pieces,
        ...sums(tally),
      })),
      totals: { documents, ...sums(totals) },
    }),
  };
}

export function compareLines(lines: readonly ComparedLine[], currency: string): Comparison {
  const tally = startTally();
  for (const line of lines) count(tally, line, 0);
  return comparisonOf(tally, currency);
}

function comparisonOf({ old, new: after, cost }: Omit<Tally, 'documents' | 'pieces'>, currency: string): Comparison {
  const money = (amount: Exact) => ({ amount: formatExact(amount), currency });
  return {
    old: money(old),
    new: money(after),
    difference: money(subtract(after, old)),
    cost: cost && money(cost),
    old_margin: cost && money(subtract(old, cost)),
    new_margin: cost && money(subtract(after, cost)),
  };
}
