import { jsonArray, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { implementSite } from '@platen/chassis/http/implement';
import { RawJson, type SiteImplementation } from '@platen/chassis/http/types';
import { QuoteMail, QuoteMailLine, quoteMail } from '@platen/schema/contracts/internal/quote-mail';
import type { Organization } from '../../feed/tenant.js';
import { moneyOf } from '../documents/index.js';
import type { ModuleDeps } from '../module.js';

const money = moneyOf('q');
const line = jsonSelect(QuoteMailLine, {
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
  })} as body
  from erp_quotes q join erp_customers c on c.id = q.customer_id
  where q.id = $1::uuid and q.number is not null and c.email is not null`,
);

/** @throws AppError not_found for drafts, and for what the scope does not see */
export async function findQuoteMail(db: Queryable, organization: Organization, id: string): Promise<RawJson> {
  const [row] = await db.query(selectMail, [id, organization.name, organization.settings.locale]);
  if (!row) throw new AppError('not_found');
  return new RawJson(row.body);
}

/** For the worker, in the scope of the event that it handles. */
export const quoteMailRoute = ({ feed, openDb }: ModuleDeps): SiteImplementation =>
  implementSite(quoteMail.get, async ({ params, query }) => {
    const tenant = feed.tenantById(params.tenant_id);
    const organization = feed.organization(params.tenant_id, query.organization_id);
    if (!tenant || !organization) throw new AppError('not_found');
    const scope = {
      tenantId: tenant.id,
      organizationId: organization.id,
      workspaceId: query.workspace_id ?? null,
    };
    return findQuoteMail(openDb(tenant, scope), organization, params.id);
  });
