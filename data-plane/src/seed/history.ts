import { dayMs } from '@platen/chassis/durations';
import type { OrderStatus, PaymentStatus } from '@platen/schema/states/order';
import type { QuoteStatus } from '@platen/schema/states/quote';
import { addDays } from '../modules/documents/index.js';
import {
  type BasketDecoration,
  type BasketLine,
  type CompiledRuleSet,
  type PricedBasket,
  priceBasket,
} from '../modules/pricing/index.js';
import type { SeedCatalogue, SeedProduct } from './catalogue.js';
import type { SeedDesign } from './designs.js';
import type { SeedCustomer } from './parties.js';
import type { Random } from './random.js';

export interface PastQuote {
  readonly createdAt: Date;
  readonly workspaceId: string | null;
  readonly customer: SeedCustomer;
  readonly status: QuoteStatus;
  readonly dueOn: string | null;
  readonly priced: PricedBasket;
  readonly order: PastOrder | null;
}
export interface PastOrder {
  readonly createdAt: Date;
  readonly status: OrderStatus;
  readonly paymentStatus: PaymentStatus;
  /** Share of the total that was paid, by payment. */
  readonly payments: readonly ('half' | 'rest' | 'all')[];
}

export interface HistoryInput {
  readonly catalogue: SeedCatalogue;
  readonly customers: readonly SeedCustomer[];
  readonly designs: readonly SeedDesign[];
  readonly compiled: CompiledRuleSet;
  readonly taxRates: ReadonlyMap<string, string>;
  /** How many quotes each workspace (null: the organization) made. */
  readonly counts: readonly { readonly workspaceId: string | null; readonly quotes: number }[];
  readonly now: Date;
}

const historyDays = 330;

/** Past quotes, oldest first, priced by the engine. */
export function makeHistory(input: HistoryInput, random: Random): PastQuote[] {
  const places = input.counts.flatMap(({ workspaceId, quotes }) =>
    Array.from({ length: quotes }, () => ({ workspaceId, ageDays: random.next() * historyDays })),
  );
  places.sort((a, b) => b.ageDays - a.ageDays);
  const designsFor = designsByCustomer(input.designs);
  return places.map(({ workspaceId, ageDays }) => {
    const createdAt = new Date(input.now.getTime() - Math.round(ageDays * dayMs) - 3_600_000);
    const customer = input.customers[random.between(0, input.customers.length - 1)] as SeedCustomer;
    const designs = designsFor(customer);
    // Two lines in five are decorated; the others are blanks.
    const lines = Array.from({ length: random.between(1, 5) }, () => makeLine(input.catalogue, designs, 0.4, random));
    const priceOn = createdAt.toISOString().slice(0, 10);
    const dueOn = random.oneIn(3) ? addDays(priceOn, random.pick([2, 5, 10, 21, 28])) : null;
    const priced = priceLines(input, { priceOn, dueOn, customer, lines });
    const status = quoteStatus(ageDays, random);
    const order = status === 'converted' ? makeOrder(createdAt, ageDays, random) : null;
    return { createdAt, workspaceId, customer, status, dueOn, priced, order };
  });
}

export function priceLines(
  { compiled, taxRates }: Pick<HistoryInput, 'compiled' | 'taxRates'>,
  {
    priceOn,
    dueOn,
    customer: { id, group, taxExempt },
    lines,
  }: { priceOn: string; dueOn: string | null; customer: SeedCustomer; lines: readonly BasketLine[] },
): PricedBasket {
  const basket = { priceOn, dueOn, currency: 'EUR', customer: { id, group, taxExempt }, lines };
  return priceBasket(compiled, basket, { taxRounding: 'line', taxRates });
}

/** A customer's own designs before the shop's. */
export function designsByCustomer(designs: readonly SeedDesign[]): (customer: SeedCustomer) => readonly SeedDesign[] {
  const everybodys = designs.filter((design) => design.customerId === null);
  return ({ id }) => {
    const own = designs.filter((design) => design.customerId === id);
    return own.length > 0 ? own : everybodys;
  };
}

/** Some sizes of a garment, decorated with this probability. */
export function makeLine(
  catalogue: SeedCatalogue,
  designs: readonly SeedDesign[],
  decorated: number,
  random: Random,
): BasketLine {
  const product = catalogue.products[random.between(0, catalogue.products.length - 1)] as SeedProduct;
  const perColour = product.sized ? 8 : 1;
  const start = random.between(0, 3) * perColour;
  const from = product.sized ? random.between(0, 3) : 0;
  const chosen = product.variants.slice(start + from, start + from + (product.sized ? random.between(2, 5) : 1));
  const design = random.next() < decorated ? designs[random.between(0, designs.length - 1)] : undefined;
  return {
    productId: product.id,
    categoryId: product.categoryId,
    taxClass: 'standard',
    basePrice: product.basePrice,
    designId: design?.id ?? null,
    decorations: design ? decorate(design, product.sized, random) : [],
    sizes: chosen.map((variant) => ({
      variantId: variant.id,
      quantity: random.between(2, 30),
      priceDelta: variant.priceDelta,
      cost: variant.cost,
      options: variant.options,
    })),
  };
}

const bare = { designId: null, colours: null, stitches: null, widthMm: null, heightMm: null };

/** Garments are printed, or embroidered at the chest; what has one size gets a transfer or stitches. */
function decorate(design: SeedDesign, sized: boolean, random: Random): BasketDecoration[] {
  const { colours, stitches, widthMm, heightMm } = design;
  const reorder = random.oneIn(3);
  if (random.oneIn(4)) {
    return [{ ...bare, process: 'embroidery', location: sized ? 'left-chest' : 'front', stitches, reorder }];
  }
  if (!sized) return [{ ...bare, process: 'transfer', location: 'front', widthMm, heightMm, reorder }];
  const front: BasketDecoration = { ...bare, process: 'screen_print', location: 'front', colours, reorder };
  return random.oneIn(3) ? [front, { ...front, location: 'back', colours: 1 }] : [front];
}

function quoteStatus(ageDays: number, random: Random): QuoteStatus {
  if (ageDays < 14) return random.pick(['draft', 'sent', 'sent', 'accepted', 'converted']);
  if (ageDays < 28) return random.pick(['sent', 'sent', 'rejected', 'converted', 'converted']);
  return random.pick(['expired', 'rejected', 'converted', 'converted', 'converted', 'converted']);
}

function makeOrder(quotedAt: Date, ageDays: number, random: Random): PastOrder {
  const createdAt = new Date(quotedAt.getTime() + Math.min(2, ageDays / 4) * dayMs);
  if (ageDays > 40) {
    const payments = random.oneIn(2) ? (['half', 'rest'] as const) : (['all'] as const);
    return { createdAt, status: 'completed', paymentStatus: 'paid', payments };
  }
  const status = random.pick<OrderStatus>(['draft', 'confirmed', 'confirmed', 'in_production', 'ready', 'shipped']);
  if (status === 'draft' || random.oneIn(3)) return { createdAt, status, paymentStatus: 'unpaid', payments: [] };
  return { createdAt, status, paymentStatus: 'partial', payments: ['half'] };
}
