import { isDeepStrictEqual } from 'node:util';
import type { NewProduct, NewVariant, ProductRow, Step, VariantRow } from './repo.js';
import { type CatalogRow, RowRefusal } from './rows.js';

/** What an import knows of a style once one of its rows was taken. */
export type Style = Pick<ProductRow, 'id' | 'currency' | 'options'>;

export interface PlanSettings {
  readonly currency: string;
  readonly productStatus: string;
  /** Of a category as the file calls it; the one for products without. */
  readonly categoryOf: (name: string | null) => string | null;
  readonly newId: () => string;
}

/** What is there already for the rows of a step. */
export interface Found {
  readonly styles: ReadonlyMap<string, Style>;
  readonly products: ReadonlyMap<string, ProductRow>;
  readonly variants: ReadonlyMap<string, VariantRow>;
}

export interface Plan extends Step {
  /** Styles that come up for the first time in this file. */
  readonly styles: ReadonlyMap<string, Style>;
  readonly refused: readonly { readonly row: number; readonly refusal: RowRefusal }[];
  readonly unchanged: { readonly products: number; readonly variants: number };
}

/** Decides about each row, without writing anything: a dry run ends here. */
export function planStep(rows: readonly CatalogRow[], found: Found, settings: PlanSettings): Plan {
  const newProducts: NewProduct[] = [];
  const changedProducts: ProductRow[] = [];
  const newVariants: NewVariant[] = [];
  const changedVariants: VariantRow[] = [];
  const styles = new Map<string, Style>();
  const refused: { row: number; refusal: RowRefusal }[] = [];
  const unchanged = { products: 0, variants: 0 };

  const take = (row: CatalogRow): void => {
    const product = found.products.get(row.style);
    const known = found.styles.get(row.style) ?? styles.get(row.style) ?? product;
    const there = found.variants.get(row.sku);
    const created = known === undefined ? newProduct(row, settings) : undefined;
    const style = known ?? { id: created?.id ?? '', currency: settings.currency, options: [] };
    if (there !== undefined && there.product_id !== style.id) {
      throw new RowRefusal('sku', 'sku_taken', 'belongs to a variant of another style');
    }
    requireCurrency(row, style, settings.currency);
    const changed = there === undefined ? undefined : changedVariant(there, row);
    requireOptions(changed?.option_values ?? row.optionValues, style);
    if (!found.styles.has(row.style) && !styles.has(row.style)) {
      styles.set(row.style, style);
      if (created !== undefined) newProducts.push(created);
      else if (product !== undefined) {
        const next = changedProduct(product, row, settings);
        if (isSameProduct(product, next)) unchanged.products += 1;
        else changedProducts.push(next);
      }
    }
    if (there === undefined || changed === undefined) newVariants.push(newVariant(row, style.id, settings.newId()));
    else if (isDeepStrictEqual(there, changed)) unchanged.variants += 1;
    else changedVariants.push(changed);
  };

  for (const row of rows) {
    try {
      take(row);
    } catch (error) {
      if (!(error instanceof RowRefusal)) throw error;
      refused.push({ row: row.row, refusal: error });
    }
  }
  return { newProducts, changedProducts, newVariants, changedVariants, styles, refused, unchanged };
}

function requireCurrency(row: CatalogRow, style: Style, currency: string): void {
  const hasAmounts = row.price !== null || row.cost !== null;
  if (row.currency !== null && row.currency !== currency) {
    throw new RowRefusal('currency', 'currency_mismatch', `is to be ${currency}`);
  }
  if (hasAmounts && style.currency !== currency) {
    throw new RowRefusal('currency', 'currency_mismatch', `this product's amounts are in ${style.currency}`);
  }
}

/** A product that declares its options has variants of these and no others. */
function requireOptions(values: Readonly<Record<string, string>>, { options }: Style): void {
  if (options.length === 0) return;
  const column = (name: string) => (name === 'colour' || name === 'size' ? name : 'options');
  for (const { name, values: allowed } of options) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined)
      throw new RowRefusal(column(name), 'option_unknown', `the product wants a value of "${name}"`);
    if (!allowed.includes(value))
      throw new RowRefusal(column(name), 'option_unknown', 'is none of the values that the product declares');
  }
  const extra = Object.keys(values).find((name) => !options.some((option) => option.name === name));
  if (extra !== undefined) throw new RowRefusal(column(extra), 'option_unknown', 'is no option of the product');
}

function newProduct(row: CatalogRow, settings: PlanSettings): NewProduct {
  const basePrice = row.price ?? row.cost;
  if (basePrice === null) throw new RowRefusal('price', 'required', 'is missing, and a new product needs one');
  return {
    id: settings.newId(),
    code: row.style,
    name: row.name ?? row.style,
    brand: row.brand,
    description: row.description,
    category_id: settings.categoryOf(row.category),
    status: row.productStatus ?? settings.productStatus,
    kind: row.kind ?? 'blank',
    tax_class: row.taxClass ?? 'standard',
    currency: settings.currency,
    base_price: basePrice,
  };
}

const changedProduct = (product: ProductRow, row: CatalogRow, settings: PlanSettings): ProductRow => ({
  ...product,
  name: textOr(product.name, row.name),
  brand: textOr(product.brand, row.brand),
  description: textOr(product.description, row.description),
  // An unknown one moves nothing.
  category_id: row.category === null ? product.category_id : (settings.categoryOf(row.category) ?? product.category_id),
  status: row.productStatus ?? product.status,
  kind: row.kind ?? product.kind,
  tax_class: row.taxClass ?? product.tax_class,
});

/** Cells come without the spaces around them, which is no change. */
const textOr = <T extends string | null>(before: T, given: string | null): T | string =>
  given === null || before?.trim() === given ? before : given;

const isSameProduct = (before: ProductRow, next: ProductRow): boolean => isDeepStrictEqual(before, next);

const newVariant = (row: CatalogRow, productId: string, id: string): NewVariant => ({
  id,
  product_id: productId,
  sku: row.sku,
  option_values: row.optionValues,
  gtin: row.gtin,
  cost: row.cost,
  price: row.price,
  weight_g: row.weightG,
  status: row.status ?? 'active',
});

const changedVariant = (variant: VariantRow, row: CatalogRow): VariantRow => ({
  ...variant,
  option_values: mergedOptions(variant.option_values, row.optionValues),
  gtin: row.gtin ?? variant.gtin,
  cost: row.cost ?? variant.cost,
  price: row.price ?? variant.price,
  weight_g: row.weightG ?? variant.weight_g,
  status: row.status ?? variant.status,
});

function mergedOptions(before: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>) {
  const had = (name: string) => (Object.hasOwn(before, name) ? before[name]?.trim() : undefined);
  const changes = Object.entries(given).filter(([name, value]) => had(name) !== value);
  return changes.length === 0 ? before : { ...before, ...Object.fromEntries(changes) };
}
