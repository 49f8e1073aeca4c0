import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';

export interface ProductFacts {
  readonly id: string;
  readonly category_id: string | null;
  readonly status: string;
  readonly tax_class: string;
  readonly base_price: string;
  readonly currency: string;
}
export interface VariantFacts {
  readonly id: string;
  readonly product_id: string;
  readonly status: string;
  readonly price_delta: string;
  readonly cost: string | null;
  readonly option_values: Readonly<Record<string, string>>;
}
export interface CustomerFacts {
  readonly id: string;
  readonly customer_group: string | null;
  readonly tax_exempt: boolean;
  readonly currency: string;
}
/** Everything a price depends on, as one snapshot of the database. */
export interface PricingFacts {
  readonly products: readonly ProductFacts[];
  readonly variants: readonly VariantFacts[];
  readonly customer: CustomerFacts | null;
  /** The published versions in force, newest first, one for each currency. */
  readonly versions: readonly { readonly id: string; readonly hash: string; readonly currency: string }[];
  readonly tax_rates: Readonly<Record<string, string>>;
  /** Those of the named designs that are there. */
  readonly designs: readonly string[];
}

// Amounts leave as text: JSON numbers would go through a double.
const selectFacts = statement<PricingFacts>(
  'pricing.facts',
  `select
    coalesce((select json_agg(json_build_object('id', id, 'category_id', category_id, 'status', status,
      'tax_class', tax_class, 'base_price', base_price::text, 'currency', currency))
      from erp_products where id = any($1::uuid[])), '[]') as products,
    coalesce((select json_agg(json_build_object('id', id, 'product_id', product_id, 'status', status,
      'price_delta', price_delta::text, 'cost', cost::text, 'option_values', option_values))
      from erp_product_variants where id = any($2::uuid[])), '[]') as variants,
    (select json_build_object('id', id, 'customer_group', customer_group, 'tax_exempt', tax_exempt, 'currency', currency)
      from erp_customers where id = $3::uuid) as customer,
    coalesce((select json_agg(json_build_object('id', id, 'hash', hash, 'currency', currency)) from (
      select distinct on (s.currency) v.id, v.hash, s.currency
      from erp_pricing_rule_sets s
      join erp_pricing_rule_set_versions v on v.tenant_id = s.tenant_id and v.organization_id = s.organization_id
        and v.rule_set_id = s.id
      where s.status = 'active' and v.valid_from <= at.moment and (v.valid_until is null or v.valid_until > at.moment)
      order by s.currency, v.valid_from desc, v.version desc) in_force), '[]') as versions,
    coalesce((select json_object_agg(tax_class, rate_percent::text) from (
      select distinct on (tax_class) tax_class, rate_percent
      from erp_tax_rates where valid_from <= $4::date order by tax_class, valid_from desc) rates), '{}') as tax_rates,
    coalesce((select json_agg(id) from erp_designs where id = any($7::uuid[])), '[]') as designs
  from (select coalesce($5::timestamptz, ($4::date + 1)::timestamp at time zone $6 - interval '1 millisecond') as moment) at`,
  {
    parse: {
      products: 'json',
      variants: 'json',
      customer: 'json',
      versions: 'json',
      tax_rates: 'json',
      designs: 'json',
    },
  },
);

export interface FactsQuery {
  readonly productIds: readonly string[];
  readonly variantIds: readonly string[];
  readonly designIds: readonly string[];
  readonly customerId: string | null;
  readonly priceOn: string;
  /** The moment whose rule set applies; null: the end of `priceOn` in the time zone. */
  readonly moment: Date | null;
  readonly timeZone: string;
}

/** One statement, so one round trip and one snapshot. */
export async function findPricingFacts(db: Queryable, query: FactsQuery): Promise<PricingFacts> {
  const { productIds, variantIds, designIds, customerId, priceOn, moment, timeZone } = query;
  const [facts] = await db.query(selectFacts, [
    productIds,
    variantIds,
    customerId,
    priceOn,
    moment,
    timeZone,
    designIds,
  ]);
  if (!facts) throw new Error('a select without FROM gave no row');
  return facts;
}

const selectVersion = statement<{ id: string; hash: string; content: string }>(
  'pricing.version',
  'select id, hash, content from erp_pricing_rule_set_versions where id = $1::uuid',
);

export async function findRuleSetVersion(
  db: Queryable,
  id: string,
): Promise<{ id: string; hash: string; content: string } | undefined> {
  const [row] = await db.query(selectVersion, [id]);
  return row;
}
