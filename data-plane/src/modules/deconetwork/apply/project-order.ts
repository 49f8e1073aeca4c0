import type { Decoration } from '@platen/schema/contracts/data/pricing';
import type { DecorationProcess } from '@platen/schema/contracts/data/pricing-rules';
import type { DnOrderRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { OrderStatus } from '@platen/schema/states/order';
import type { ImportedLine, ImportedOrder } from '../../orders/index.js';
import { add, compare, type Exact, formatExact, parseExact, subtract, zero } from '../../pricing/index.js';
import { bookKey, type MapBook } from './maps-repo.js';
import { codeFrom } from './project-customer.js';

/** Why a record cannot be an order here; `left_out`: it can, without these decorations. */
export interface OrderFault {
  readonly code: 'amounts_differ' | 'negative_total' | 'quantities_differ' | 'mixed_products';
  readonly message: string;
}
export interface ProjectedOrder {
  readonly order: ImportedOrder;
  /** Decorations that are nothing here, in words. */
  readonly leftOut: readonly string[];
}

type DnLine = DnOrderRecord['lines'][number];
const sum = (amounts: readonly string[]): Exact => amounts.reduce((total, each) => add(total, parseExact(each)), zero);
const exactly = (amount: string): string => formatExact(parseExact(amount));

/** The record as an order of ours, every reference of which is mapped. */
export function projectOrder(
  record: DnOrderRecord,
  book: MapBook,
  { customerId, status, currency }: { customerId: string; status: OrderStatus; currency: string },
): ProjectedOrder | OrderFault {
  const charges = sum([record.shipping, record.rush]);
  const subtotal = parseExact(record.items);
  const total = add(add(subtract(subtotal, parseExact(record.discount)), charges), parseExact(record.tax));
  const fault = amountFault(record, total);
  if (fault) return fault;
  const lines: ImportedLine[] = [];
  const leftOut: string[] = [];
  for (const line of record.lines) {
    if (line.quantity === 0) continue;
    const made = projectLine(line, book);
    if ('code' in made) return made;
    lines.push(made.line);
    leftOut.push(...made.leftOut);
  }
  const paid = status === 'draft' ? zero : subtract(total, parseExact(record.outstanding));
  return {
    leftOut,
    order: {
      customer_id: customerId,
      currency,
      subtotal: formatExact(subtotal),
      discount: exactly(record.discount),
      charges: formatExact(charges),
      tax: exactly(record.tax),
      total: formatExact(total),
      due_on: record.due_on,
      status,
      paid: formatExact(paid),
      lines,
    },
  };
}

/** What is said as a sum must be the sum: money that nobody can explain is looked at by a person. */
function amountFault(record: DnOrderRecord, total: Exact): OrderFault | null {
  const said = sum([record.billable, record.gift_and_credit]);
  const differ = (what: string, ours: Exact, theirs: Exact): OrderFault => ({
    code: 'amounts_differ',
    message: `${what}: ${formatExact(ours)}, but the site says ${formatExact(theirs)}`,
  });
  if (compare(total, said) !== 0) {
    return differ('Items less discounts with shipping, rush and tax come to the total', total, said);
  }
  const items = sum(record.lines.map((line) => line.line_total));
  if (compare(items, parseExact(record.items)) !== 0) {
    return differ('The lines come to', items, parseExact(record.items));
  }
  if (compare(total, zero) < 0) return { code: 'negative_total', message: `The total is ${formatExact(total)}` };
  const paid = subtract(total, parseExact(record.outstanding));
  if (compare(paid, zero) < 0 || compare(paid, total) > 0) {
    return differ(
      'What is outstanding is more than the total, or less than nothing: the total',
      total,
      parseExact(record.outstanding),
    );
  }
  return null;
}

function projectLine(line: DnLine, book: MapBook): { line: ImportedLine; leftOut: string[] } | OrderFault {
  const wanted = line.sizes.filter(({ quantity }) => quantity > 0);
  const pieces = wanted.reduce((count, { quantity }) => count + quantity, 0);
  if (wanted.length > 0 && pieces !== line.quantity) {
    const message = `Line ${line.dn_id} has ${line.quantity} pieces, its sizes have ${pieces}`;
    return { code: 'quantities_differ', message };
  }
  const sizes = new Map<string, ImportedLine['sizes'][number]>();
  const products = new Set<string>();
  for (const size of wanted) {
    const map = book.get(bookKey('variant', size.dn_id));
    if (!map?.local_id || map.product_id === null) throw new Error(`${size.dn_id} is not mapped`);
    products.add(map.product_id);
    const known = sizes.get(map.local_id);
    const unit_price = exactly(size.unit_price);
    if (known && known.unit_price !== unit_price) {
      return { code: 'quantities_differ', message: `Line ${line.dn_id} has a size twice, at two prices` };
    }
    const quantity = size.quantity + (known?.quantity ?? 0);
    sizes.set(map.local_id, { variant_id: map.local_id, quantity, unit_price });
  }
  if (products.size > 1) {
    return { code: 'mixed_products', message: `The sizes of line ${line.dn_id} are of ${products.size} products here` };
  }
  const [productId = book.get(bookKey('product', line.product.dn_id))?.local_id] = products;
  if (!productId) throw new Error(`${line.product.dn_id} is not mapped`);
  const { decorations, leftOut } = projectDecorations(line);
  return {
    leftOut,
    line: {
      product_id: productId,
      decorations,
      quantity: line.quantity,
      unit_price: exactly(line.unit_price),
      line_total: exactly(line.line_total),
      sizes: [...sizes.values()],
    },
  };
}

/** By words of the site's name, the surest first: `DTG` is direct to garment, `DTF` a film that is transferred. */
const processWords: readonly (readonly [RegExp, DecorationProcess])[] = [
  [/screen|silk|serigraph/, 'screen_print'],
  [/embroid|stitch|applique/, 'embroidery'],
  [/engrav|laser|etch/, 'engraving'],
  [/\bdtf\b|transfer|vinyl|heat|sublim|\bhtv\b|\bflock|\bflex\b/, 'transfer'],
  [/\bdtg\b|direct|digital|\buv\b/, 'direct_print'],
];
const maxDecorations = 12;

function projectDecorations(line: DnLine): { decorations: Decoration[]; leftOut: string[] } {
  const decorations: Decoration[] = [];
  const leftOut: string[] = [];
  for (const { process, location } of line.decorations) {
    const words = process.toLowerCase();
    const known = processWords.find(([pattern]) => pattern.test(words))?.[1];
    const place = codeFrom(location ?? '') ?? 'front';
    if (known === undefined || decorations.length === maxDecorations) {
      leftOut.push(`${process} on ${location ?? '?'} (line ${line.dn_id})`);
    } else {
      decorations.push({ process: known, location: place });
    }
  }
  return { decorations, leftOut };
}
