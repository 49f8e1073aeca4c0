/** SQL that several answers about stock are made of, over a row with `variant_id`. */

/** What a variant is called: of the rows that are shown only, so by its key. */
export const variantColumns = (alias: string) => ({
  variant_id: `${alias}.variant_id`,
  sku: skuSql(alias),
  product_id: `(select v.product_id from erp_product_variants v where v.id = ${alias}.variant_id)`,
  product_name: productNameSql(alias),
});

export const skuSql = (alias: string): string =>
  `(select v.sku from erp_product_variants v where v.id = ${alias}.variant_id)`;

export const productNameSql = (alias: string): string =>
  `(select n.name from erp_product_variants v join erp_products n on n.id = v.product_id where v.id = ${alias}.variant_id)`;

const awaited = (alias: string, condition: string): string => `from erp_purchase_order_lines pl
  join erp_purchase_orders p on p.id = pl.purchase_order_id
  where pl.variant_id = ${alias}.variant_id and p.status in ('approved', 'partially_received')
    and pl.ordered_quantity > pl.received_quantity ${condition}`;

/** What suppliers still owe of a variant; the purchase orders are `p`. */
export const incomingSql = (alias: string, condition = ''): string =>
  `(select coalesce(sum(pl.ordered_quantity - pl.received_quantity), 0)::numeric(18, 4)::text ${awaited(alias, condition)})`;

/** The first day on which some of it is expected. */
export const expectedOnSql = (alias: string): string => `(select min(p.expected_on) ${awaited(alias, '')})`;
