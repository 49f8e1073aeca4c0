import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { Rule } from '@platen/schema/contracts/data/pricing-rules';
import type { LintCatalogue, LintCustomer, LintProduct } from '../engine/lint.js';

/** Prices are tried on so many products, those that rules name first, with so many sizes of each: the dearest first. */
const maxProducts = 400;
const maxVariants = 24;

interface CatalogueRow {
  readonly products: readonly LintProduct[];
  readonly product_count: number;
  readonly known_products: readonly string[];
  readonly known_categories: readonly string[];
  readonly customers: readonly LintCustomer[];
  readonly group_members: readonly LintCustomer[];
}

// Amounts leave as text: JSON numbers would go through a double.
const select = statement<CatalogueRow>(
  'rule_set.catalogue',
  `select
    coalesce((select json_agg(json_build_object('id', p.id, 'code', p.code, 'categoryId', p.category_id,
      'basePrice', p.base_price::text, 'variants', coalesce((select json_agg(json_build_object('id', v.id,
        'priceDelta', v.price_delta::text, 'cost', v.cost::text, 'options', v.option_values) order by v.id)
        from (select * from erp_product_variants v where v.product_id = p.id and v.status = 'active'
          order by v.cost - v.price_delta desc nulls last, v.id limit ${maxVariants}) v), '[]')) order by p.id)
      from (select * from erp_products p where p.status = 'active' and p.currency = $1
        order by (p.id = any($2::uuid[]) or p.category_id = any($3::uuid[])) desc nulls last, p.id
        limit ${maxProducts}) p), '[]') as products,
    (select count(*) from erp_products where status = 'active' and currency = $1) as product_count,
    coalesce((select json_agg(id) from erp_products where id = any($2::uuid[])), '[]') as known_products,
    coalesce((select json_agg(id) from erp_categories where id = any($3::uuid[])), '[]') as known_categories,
    coalesce((select json_agg(json_build_object('id', id, 'group', customer_group))
      from erp_customers where id = any($4::uuid[])), '[]') as customers,
    coalesce((select json_agg(json_build_object('id', id, 'group', customer_group)) from (
      select distinct on (customer_group) id, customer_group from erp_customers
      where customer_group = any($5::text[]) order by customer_group, id) member), '[]') as group_members`,
  {
    parse: {
      products: 'json',
      product_count: 'int',
      known_products: 'json',
      known_categories: 'json',
      customers: 'json',
      group_members: 'json',
    },
  },
);

export interface StoredCatalogue extends LintCatalogue {
  /** How many products are sold in the currency, tried or not. */
  readonly productCount: number;
}

/** What the rules of a draft are held against, in one snapshot. */
export async function findCatalogue(db: Queryable, currency: string, rules: readonly Rule[]): Promise<StoredCatalogue> {
  const named = namedBy(rules);
  const [row] = await db.query(select, [currency, named.products, named.categories, named.customers, named.groups]);
  if (!row) throw new Error('a select without FROM gave no row');
  return {
    products: row.products,
    productCount: row.product_count,
    customers: [...row.customers, ...row.group_members],
    known: {
      products: new Set(row.known_products),
      categories: new Set(row.known_categories),
      customers: new Set(row.customers.map(({ id }) => id)),
      groups: new Set(row.group_members.map(({ group }) => group ?? '')),
    },
  };
}

function namedBy(rules: readonly Rule[]) {
  const products = new Set<string>();
  const categories = new Set<string>();
  const customers = new Set<string>();
  const groups = new Set<string>();
  for (const { conditions } of rules) {
    for (const id of conditions.product_ids ?? []) products.add(id);
    for (const id of conditions.category_ids ?? []) categories.add(id);
    if ('customer_ids' in conditions) for (const id of conditions.customer_ids ?? []) customers.add(id);
    if ('customer_groups' in conditions) for (const group of conditions.customer_groups ?? []) groups.add(group);
  }
  return {
    products: [...products],
    categories: [...categories],
    customers: [...customers],
    groups: [...groups],
  };
}
