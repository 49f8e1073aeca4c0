import { jsonArray, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import { MailLine, QuoteMail } from '@platen/schema/contracts/internal/quote-mail';
import type { Organization, Tenant } from '../../feed/tenant.js';
import { moneyOf } from '../documents/index.js';
import type { QuoteLinks } from './links.js';

const money = moneyOf('q');
const line = jsonSelect(MailLine, {
  product_name: 'p.name',
  quantity: 'trunc(l.quantity)::text',
  unit_price: money('unit_price', 'l'),
  line_total: money('line_total', 'l'),
});

// A draft has no number and no mail.
const selectMail = statement<{ body: string }>(
  'quotes.mail',
  `select ${jsonSelect(QuoteMail, {
    to: { name: 'c.name', email: 'c.email' },
    from_name: '$2::text',
    locale: '$3::text',
    number: 'q.number',
    total: money('total'),
    valid_until: 'q.valid_until',
    lines: jsonArray(
      line,
      'erp_quote_lines l join erp_products p on p.id = l.product_id where l.quote_id = q.id order by l.position',
    ),
    subtotal: money('subtotal'),
    discount: money('discount'),
    tax: money('tax'),
    deposit_due: money('deposit_due'),
    // None where the installation's secret is another one than when the quote was sent.
    link: `case when q.accept_token_hash = $4::text then coalesce($6::jsonb ->> q.store_id::text, $5::text) end`,
  })} as body
  from erp_quotes q join erp_customers c on c.id = q.customer_id
  where q.id = $1::uuid and q.number is not null and c.email is not null`,
);

/** @throws AppError not_found for drafts, and for what the scope does not see */
export async function findQuoteMail(
  db: Queryable,
  of: { readonly tenant: Tenant; readonly organization: Organization; readonly links: QuoteLinks },
  id: string,
): Promise<RawJson> {
  const { tenant, organization, links } = of;
  const linked = { tenantId: tenant.id, organizationId: organization.id, id };
  const token = links.tokenOf(linked);
  const [row] = await db.query(selectMail, [
    id,
    organization.name,
    organization.settings.locale,
    links.hashOf(linked),
    links.urlOf(tenant, null, token),
    Object.fromEntries(tenant.stores.map((store) => [store.id, links.urlOf(tenant, store.id, token)])),
  ]);
  if (!row) throw new AppError('not_found');
  return new RawJson(row.body);
}
