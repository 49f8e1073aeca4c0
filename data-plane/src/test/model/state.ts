/**
 * The reference model: what the shop should be in after each call, by rules written down here a second time. Plain data, so
 * that it is copied, compared and tried out; nothing of the product's code is used. Pieces are numbers, money is cents.
 */

export type Dict<T> = Record<string, T>;

export interface Size {
  readonly id: string;
  readonly variant: string;
  readonly quantity: number;
  /** Still needed from stock. */
  open: number;
  /** Promised, by location. */
  promises: Dict<number>;
}
export interface Line {
  id: string;
  readonly position: number;
  readonly product: string;
  readonly designs: readonly string[];
  readonly sizes: Size[];
}
export type OrderStatus = 'draft' | 'confirmed' | 'in_production' | 'ready' | 'shipped' | 'completed' | 'cancelled';
export interface Order {
  readonly id: string;
  readonly workspace: string | null;
  status: OrderStatus;
  paymentStatus: 'unpaid' | 'partial' | 'paid' | 'refunded';
  number: string | null;
  version: number;
  readonly subtotal: number;
  readonly tax: number;
  readonly total: number;
  readonly deposit: number | null;
  due: string | null;
  paid: number;
  refunds: number;
  readonly lines: Line[];
  /** By variant: what production holds for the order. */
  inProduction: Dict<number>;
  /** By variant and location: what production took from where. */
  taken: Dict<Dict<number>>;
}

export interface PurchaseLine {
  readonly id: string;
  readonly variant: string;
  readonly ordered: number;
  received: number;
  billed: number;
  readonly unitCost: number;
}
export type PurchaseStatus =
  | 'draft'
  | 'submitted'
  | 'approved'
  | 'rejected'
  | 'partially_received'
  | 'received'
  | 'closed'
  | 'cancelled';
export interface Purchase {
  readonly id: string;
  readonly workspace: string | null;
  readonly location: string;
  status: PurchaseStatus;
  number: string | null;
  version: number;
  submittedBy: string | null;
  approvedBy: string | null;
  readonly total: number;
  readonly lines: PurchaseLine[];
}

export interface Job {
  readonly id: string;
  readonly number: string;
  readonly order: string;
  readonly line: string;
  readonly workspace: string | null;
  readonly reprintOf: string | null;
  /** By variant: the pieces that it makes, those spoilt, and of these the ones made again by another job. */
  readonly pieces: Dict<{ readonly quantity: number; scrapped: number; reprinted: number }>;
  status: 'open' | 'done' | 'cancelled';
  stage: string;
  done: number;
  /** By design: the hash that was approved. */
  approved: Dict<string | null>;
  version: number;
}

export interface State {
  /** By `${variant} ${location}`: what is on hand. */
  levels: Dict<number>;
  /** In the order in which they were made. */
  orders: Order[];
  purchases: Purchase[];
  jobs: Job[];
  /** By stage: its open jobs from top to bottom. */
  board: Dict<string[]>;
  /** By design: the hash of its artwork as it stands. */
  designs: Dict<string>;
  /** Supplier's invoice numbers that are recorded. */
  bills: string[];
  /** Cards that were put somewhere by one who did not see all others: where they are among those is not foretold. */
  put?: { readonly stage: string; readonly ids: readonly string[]; readonly by: string | null };
}

export const emptyState = (): State => ({
  levels: {},
  orders: [],
  purchases: [],
  jobs: [],
  board: {},
  designs: {},
  bills: [],
});

export const levelKey = (variant: string, location: string): string => `${variant} ${location}`;

export const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

export const sizesOf = (order: Order): Size[] => order.lines.flatMap(({ sizes }) => sizes);
export const jobQuantity = (job: Job): number => sum(Object.values(job.pieces).map(({ quantity }) => quantity));
export const jobScrapped = (job: Job): number => sum(Object.values(job.pieces).map(({ scrapped }) => scrapped));

/** What a shop has from the start and keeps. */
export interface Location {
  readonly id: string;
  readonly code: string;
  readonly workspace: string | null;
  readonly allowNegative: boolean;
}
export interface Variant {
  readonly id: string;
  readonly product: string;
  /** Cents. */
  readonly price: number;
  /** Services are not kept in stock. */
  readonly isStocked: boolean;
}
export interface Stage {
  readonly id: string;
  readonly limit: number | null;
  readonly blocks: boolean;
  readonly needsArtwork: boolean;
}
export interface Masters {
  readonly customer: string;
  readonly supplier: string;
  /** In the order in which orders take from them. */
  readonly locations: readonly Location[];
  readonly variants: readonly Variant[];
  readonly products: readonly { readonly id: string; readonly variants: readonly string[] }[];
  /** From left to right. */
  readonly stages: readonly Stage[];
  /** Each with files that may be its artwork. */
  readonly designs: readonly { readonly id: string; readonly files: readonly string[] }[];
  readonly tolerancePercent: number;
  /** Cents, of any variant. */
  readonly cost: number;
}
