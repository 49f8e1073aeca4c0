import { jsonArray, jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import {
  ShownContent,
  type ShownDecoration,
  ShownLine,
  type ShownQuote,
  ShownSize,
} from '@platen/schema/contracts/data/public-quotes';
import type { Static } from 'typebox';
import type { Organization } from '../../feed/tenant.js';
import { moneyOf } from '../documents/index.js';
import { taxSharesJson } from '../priced-lines/index.js';
import { canonicalJson } from '../pricing/index.js';

const money = moneyOf('q');
const designName = (id: string) => `(select g.name from erp_designs g where g.id = ${id})`;

// Member by member: what is added to decorations for the shop's own use is not shown by itself.
const decorationMembers: Readonly<Record<keyof typeof ShownDecoration.properties, string>> = {
  process: `d.value -> 'process'`,
  location: `d.value -> 'location'`,
  design_name: designName(`(d.value ->> 'design_id')::uuid`),
  colours: `d.value -> 'colours'`,
  stitches: `d.value -> 'stitches'`,
  width_mm: `d.value -> 'width_mm'`,
  height_mm: `d.value -> 'height_mm'`,
};
const decorations = `(select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    ${Object.entries(decorationMembers)
      .map(([name, sql]) => `'${name}', ${sql}`)
      .join(', ')})) order by d.place), '[]')
  from jsonb_array_elements(l.decorations) with ordinality as d (value, place))`;

// The receipt says what made each fee, and more than its customer is to know.
const fees = `(select coalesce(jsonb_agg(jsonb_build_object('kind', f.value -> 'kind', 'location', f.value -> 'location',
    'amount', jsonb_build_object('amount', f.value -> 'amount', 'currency', q.currency)) order by f.place), '[]')
  from jsonb_array_elements(l.receipt::jsonb -> 'fees') with ordinality as f (value, place))`;

const size = jsonSelect(ShownSize, {
  sku: 'v.sku',
  options: jsonExpression('v.option_values'),
  quantity: 'trunc(v.quantity)',
  unit_price: money('unit_price', 'v'),
});
const line = jsonSelect(ShownLine, {
  position: 'l.position',
  product_name: 'l.product_name',
  product_code: 'l.product_code',
  design_name: designName('l.design_id'),
  decorations: jsonExpression(decorations),
  quantity: 'trunc(l.quantity)',
  unit_price: money('unit_price', 'l'),
  fees: jsonExpression(fees),
  fee_total: money('fee_total', 'l'),
  line_total: money('line_total', 'l'),
  // Each variant is looked up by its id: on tables that were never analyzed, a join would pair every size with every one.
  sizes: jsonArray(
    size,
    `(select s.id, s.quantity, s.unit_price, v.sku, v.option_values from erp_quote_line_sizes s
      cross join lateral (select sku, option_values from erp_product_variants where id = s.variant_id) v
      where s.quote_line_id = l.id) v order by v.id`,
  ),
});
const content = jsonSelect(ShownContent, {
  revision: 'q.revision',
  currency: 'q.currency',
  valid_until: 'q.valid_until',
  due_on: 'q.due_on',
  customer: { name: 'c.name', email: 'c.email', addresses: jsonExpression('c.addresses') },
  lines: jsonArray(
    line,
    `(select l.*, p.name as product_name, p.code as product_code from erp_quote_lines l
      cross join lateral (select name, code from erp_products where id = l.product_id) p
      where l.quote_id = q.id) l order by l.position`,
  ),
  subtotal: money('subtotal'),
  discount: money('discount'),
  tax: money('tax'),
  total: money('total'),
  taxes: taxSharesJson('quote', 'q'),
  deposit_due: money('deposit_due'),
});

const selectContent = statement<{ content: Static<typeof ShownContent> }>(
  'quotes.shown_content',
  `select ${content} as content from erp_quotes q
    cross join lateral (select name, email, addresses from erp_customers where id = q.customer_id) c
  where q.id = $1::uuid`,
  { parse: { content: 'json' } },
);

/** What of the quote's own rows its customer is shown, as they are now. */
export async function findShownContent(
  db: Queryable,
  quoteId: string,
): Promise<Static<typeof ShownContent> | undefined> {
  const [row] = await db.query(selectContent, [quoteId]);
  return row?.content;
}

/** The document in whole: the organization speaks as it does on this day. */
export function shownQuote(
  organization: Organization,
  own: Static<typeof ShownContent>,
  given: { readonly number: string; readonly issuedOn: string },
): ShownQuote {
  const { name, settings, letterhead } = organization;
  return {
    format: 'platen-quote/1',
    number: given.number,
    issued_on: given.issuedOn,
    locale: settings.locale,
    organization: {
      name,
      legal_name: letterhead?.legal_name ?? null,
      address: letterhead?.address ?? null,
      tax_number: letterhead?.tax_number ?? null,
    },
    terms: letterhead?.terms ?? null,
    ...own,
  };
}

/**
 * The document's RFC 8785 text before and after its number, which the statement that sends the quote draws: the text
 * between is the number's JSON. `marker` is text that stands nowhere else in the document.
 */
export function aroundNumber(document: (number: string) => ShownQuote, marker: string): [string, string] {
  const [before, after, ...more] = canonicalJson(document(marker)).split(JSON.stringify(marker));
  if (before === undefined || after === undefined || more.length > 0) throw new Error('The marker is not unique');
  return [before, after];
}
