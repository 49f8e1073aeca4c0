import type { SeedCatalogue } from '../catalogue.js';
import type { RowsByTable } from '../document-rows.js';
import type { Row } from '../insert-rows.js';
import { type Random, seedId } from '../random.js';
import { centsText, type Maker, ownedBy, stampsOf } from './plan.js';

/** What a supplier asks for a variant. */
export interface Offer {
  readonly supplier: number;
  readonly sku: string;
  readonly costCents: number;
  readonly leadDays: number;
}
export interface Sourcing {
  readonly supplierIds: readonly string[];
  /** Of each variant: whoever it is bought from first, then the others. */
  readonly offers: ReadonlyMap<string, readonly [Offer, ...Offer[]]>;
  readonly tables: RowsByTable;
}

const suppliers = [
  ['textile-direct', 'Textile Direct', 'TD', 'Hamburg'],
  ['northern-blanks', 'Northern Blanks', 'NB', 'Kiel'],
  ['cotton-and-co', 'Cotton & Co', 'CC', 'Leipzig'],
] as const;

/** Each garment from one supplier, every third from a second one too, who is dearer or slower. */
export function makeSourcing(maker: Maker, catalogue: SeedCatalogue, random: Random, at: Date): Sourcing {
  const ms = at.getTime();
  const supplierIds = suppliers.map(([code]) => seedId(`${maker.name}/supplier/${code}`, ms));
  const offers = new Map<string, readonly [Offer, ...Offer[]]>();
  const rows: Row[] = [];
  for (const [index, product] of catalogue.products.entries()) {
    const first = index % suppliers.length;
    const second = random.oneIn(3) ? (first + 1) % suppliers.length : undefined;
    const leadDays = random.between(2, 6);
    for (const variant of product.variants) {
      const costCents = Math.round(Number(variant.cost) * 100);
      const offer = (supplier: number, more: number, slower: number): Offer => ({
        supplier,
        sku: `${suppliers[supplier]?.[2]}-${variant.sku}`.toUpperCase(),
        costCents: costCents + more,
        leadDays: leadDays + slower,
      });
      const ofVariant: readonly [Offer, ...Offer[]] =
        second === undefined ? [offer(first, 0, 0)] : [offer(first, 0, 0), offer(second, Math.ceil(costCents / 20), 4)];
      offers.set(variant.id, ofVariant);
      for (const { supplier, sku, costCents: cents, leadDays: lead_days } of ofVariant) {
        const id = seedId(`${variant.id}/supplier/${supplier}`, ms);
        const ids = { id, supplier_id: supplierIds[supplier] ?? '', variant_id: variant.id };
        const terms = { sku, cost: centsText(cents), lead_days };
        rows.push({ ...ownedBy(maker, null), ...ids, ...terms, version: 1, ...stampsOf(at) });
      }
    }
  }
  const supplierRows = suppliers.map(([code, name, , city], index): Row => {
    const id = supplierIds[index] ?? '';
    const address = {
      kind: 'billing',
      recipient: name,
      line1: 'Hafenstrasse 3',
      city,
      postal_code: '20457',
      country: 'DE',
    };
    const supplier = { id, code, name, email: `sales@${code}.example`, currency: 'EUR', addresses: [address] };
    return { ...ownedBy(maker, null), ...supplier, version: 1, ...stampsOf(at) };
  });
  return { supplierIds, offers, tables: { erp_suppliers: supplierRows, erp_supplier_variants: rows } };
}
