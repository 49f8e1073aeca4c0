import pg from 'pg';
import { benchOwner } from './erp-data.js';

/** Of each tenant: 4,000 products in 25 sizes and colours. */
export const variantsPerTenant = 100_000;
const productsPerTenant = 4_000;
const tenantCount = 3;

export const brands = ['Gildan', 'Bella', 'Hanes', 'Next', 'Stanley', 'Ogio', 'Port', 'Rabbit'] as const;
export const colours = ['Black', 'White', 'Navy', 'Red', 'Royal Blue'] as const;
export const garments = [
  'T-Shirt',
  'Hoodie',
  'Crewneck Sweatshirt',
  'Polo',
  'Cap',
  'Tank Top',
  'Long Sleeve Tee',
] as const;
const lines = ['Softstyle', 'Heavy Cotton', 'Ultra', 'Premium', 'Organic'];
const sizes = ['S', 'M', 'L', 'XL', '2XL'];

const pick = (values: readonly string[], index: string) =>
  `(array[${values.map((value) => `'${value}'`).join(', ')}])[${index} + 1]`;
const uuid = (group: string, tenant: number, number: string) =>
  `('0197${group}-000${tenant}-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
/** The SKUs of a brand lie side by side, as suppliers number them: the worst case of a search by brand. */
const code = `lower(left(${pick(brands, 'n * 8 / 4000')}, 1)) || (1000 + n)`;
const name = `${pick(lines, 'n % 5')} || ' ' || ${pick(garments, 'n % 7')} || ' ' || ${pick(['Men', 'Women', 'Youth', 'Unisex'], 'n % 4')}`;

/** A catalogue of `variantsPerTenant` for `benchOwner`, and for two tenants that share its tables. */
export async function fillCatalogue(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    // Without triggers, which look at each row's product: what they write is written here.
    await client.query('set session_replication_role = replica');
    for (let tenant = 0; tenant < tenantCount; tenant += 1) {
      const [tenantId, organizationId] =
        tenant === 0
          ? [`'${benchOwner.tenantId}'::uuid`, `'${benchOwner.organizationId}'::uuid`]
          : // Ends of ids are random; were these alike, all three would share one mark (schema/src/tables/erp/search.ts).
            [uuid('0001', tenant, '1'), uuid('0002', tenant, `${tenant} + 1`)];
      await client.query(`insert into erp_products
          (tenant_id, organization_id, id, code, name, brand, status, kind, base_price, currency)
        select ${tenantId}, ${organizationId}, ${uuid('0004', tenant, 'n')}, ${code}, ${name},
          ${pick(brands, 'n * 8 / 4000')}, 'active', 'blank', 5, 'EUR'
        from generate_series(0, ${productsPerTenant - 1}) n`);
      await client.query(`insert into erp_product_variants
          (tenant_id, organization_id, id, product_id, sku, option_values, gtin, search)
        select tenant_id, organization_id, id, product_id, sku, jsonb_build_object('colour', colour, 'size', size), gtin,
          array_to_tsvector(search_words(concat_ws(' ', code, name, brand, sku, gtin, colour, size), organization_id))
        from (
          select p.tenant_id, p.organization_id, p.id as product_id, p.code, p.name, p.brand,
            ${uuid('0005', tenant, '(n * 25 + v)')} as id, p.code || '-' || ${pick(['blk', 'wht', 'nvy', 'red', 'ryl'], 'v / 5')}
              || '-' || lower(${pick(sizes, 'v % 5')}) as sku,
            ${pick(colours, 'v / 5')} as colour, ${pick(sizes, 'v % 5')} as size,
            '04' || lpad((${tenant} * 1000000 + n * 25 + v)::text, 11, '0') as gtin
          from generate_series(0, ${productsPerTenant - 1}) n
          join erp_products p on p.id = ${uuid('0004', tenant, 'n')}, generate_series(0, 24) v
        ) made`);
    }
    await client.query(`insert into erp_product_search
        (tenant_id, organization_id, product_id, least_sku, greatest_sku, search)
      select tenant_id, organization_id, product_id, min(sku collate "C"), max(sku collate "C"),
        all_words(ts_delete(search, right(organization_id::text, 8) || gtin))
      from erp_product_variants where gtin like '04%' group by tenant_id, organization_id, product_id
      on conflict (tenant_id, organization_id, product_id) do nothing`);
    await client.query('reset session_replication_role');
    await client.query('vacuum analyze erp_products, erp_product_variants, erp_product_search');
  } finally {
    await client.end();
  }
}
