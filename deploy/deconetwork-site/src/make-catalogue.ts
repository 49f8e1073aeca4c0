import { amountOf } from './money.js';
import type { Random } from './random.js';
import type { CatalogueInput, Instant, SiteCustomer, SiteInventory, SiteProduct, SiteSku } from './truth.js';

export interface CatalogueCounts {
  readonly products: number;
  readonly customers: number;
}

const garments = ['Ringspun Tee', 'Piqué Polo', 'Fleece Hoodie', 'Crew Sweatshirt', 'Training Jacket', 'Canvas Tote'];
const makers = ['Northmill', 'Cotton & Co', 'Baltic Wear', 'Sanmar'];
const colours = ['White', 'Black', 'Navy', 'Blue Jerry', 'Athletic Heather', 'Forest'];
const firstNames = ['Fred', 'Zoë', 'Marta', 'Søren', 'Ines', 'Tom', 'Akiko', 'Paul'];
const lastNames = ['Smith', "O'Brien", 'Nowak', 'Lund', 'García', 'Weiß', 'Tanaka', 'Martin'];
const cities = ['Austin', 'Huntington Beach', 'Portland', 'Boise'];
/** Options of the field `Size`, as live sites number them; sizes they don't have follow. */
const sizes: Readonly<Record<string, readonly [number, string]>> = {
  S: [1, 'Small'],
  M: [2, 'Medium'],
  L: [3, 'Large'],
  XL: [4, 'X Large'],
  '2XL': [5, 'XX Large'],
  '3XL': [6, 'XXX Large'],
  '4XL': [7, 'XXXX Large'],
  XS: [8, 'X Small'],
};
const made = ['S', 'M', 'L', 'XL', '2XL'];

export function makeProducts(random: Random, counts: CatalogueCounts, input: CatalogueInput | undefined, at: Instant) {
  const wanted = input?.products ?? makeUp(random, counts.products);
  const colourIds = new Map<string, number>();
  const colourOf = (name: string) => {
    const id = colourIds.get(name) ?? 35_345 + colourIds.size;
    colourIds.set(name, id);
    return { id, name };
  };
  return wanted.map(({ code, name, supplier, skus }, index): SiteProduct => {
    const id = 19_617 + index * 7;
    return {
      id,
      code,
      name,
      supplier: supplier ?? random.pick(makers),
      category: { id: 10 + (index % 5), name: `Category ${(index % 5) + 1}` },
      skus: skus.map(({ sku, colour, size, price, cost }, place): SiteSku => {
        const [option, words] = sizes[size] ?? [20, size];
        return {
          dnSkuId: `${id}_${1378 + place}`,
          sku,
          vendorSku: `B1000${index * 100 + place}`,
          colour: colourOf(colour),
          size: { id: option, code: size, name: words },
          price,
          cost,
        };
      }),
      modifiedAt: at,
    };
  });
}

function makeUp(random: Random, count: number): CatalogueInput['products'] {
  return Array.from({ length: count }, (_, index) => {
    const code = String(5170 + index * 3);
    const name = `${garments[index % garments.length]} ${code}`;
    const cents = random.between(240, 2400);
    // Of a shop's own products the SKU is typed in by hand, or not at all.
    const ownProduct = index % 11 === 10;
    return {
      code,
      name,
      supplier: ownProduct ? '' : random.pick(makers),
      skus: colours.slice(index % 3, (index % 3) + 3).flatMap((colour) =>
        made.map((size) => ({
          sku: ownProduct ? '' : `${code}-${colour.slice(0, 3).toUpperCase()}-${size}`,
          colour,
          size,
          price: amountOf(size === '2XL' ? cents + 150 : cents),
          cost: amountOf(Math.round(cents * 0.6)),
        })),
      ),
    };
  });
}

export function makeCustomers(random: Random, count: number, input: CatalogueInput | undefined): SiteCustomer[] {
  const wanted =
    input?.customers ??
    Array.from({ length: count }, (_, index) => {
      const firstName = random.pick(firstNames);
      const lastName = random.pick(lastNames);
      return {
        email: `customer${index + 1}@dn.example`,
        firstName,
        lastName,
        // A person without a company, now and then.
        company: index % 4 === 3 ? '' : `${lastName} & Sons ${index + 1}`,
      };
    });
  return wanted.map((customer, index) => ({ id: 2_678_321 + index, ...customer, city: random.pick(cities) }));
}

export function makeInventories(random: Random, products: readonly SiteProduct[], at: Instant): SiteInventory[] {
  return products.flatMap((product) =>
    product.skus.map((sku) => ({
      product,
      sku,
      on: !random.oneIn(6),
      level: random.between(0, 240),
      warn: 12,
      reorderTo: 48,
      onOrderPo: 0,
      onOrderStock: 0,
      modifiedAt: at,
    })),
  );
}
