import { jsonArray, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { implementSite } from '@platen/chassis/http/implement';
import { RawJson, type SiteImplementation } from '@platen/chassis/http/types';
import { OrderMail, type OrderMailWithheldReason, orderMail } from '@platen/schema/contracts/internal/order-mail';
import { MailLine } from '@platen/schema/contracts/internal/quote-mail';
import type { OrderStatus } from '@platen/schema/states/order';
import type { Organization } from '../../feed/tenant.js';
import { moneyOf } from '../documents/index.js';
import type { ModuleDeps } from '../module.js';
import { enterOrganization } from '../worker-scope.js';

/**
 * A worker that was away for a weekend still tells; one that reads this topic for the first time, as after an upgrade,
 * does not tell customers of orders of last year.
 */
const tellsForMs = 3 * 86_400_000;

const money = moneyOf('o');
const line = jsonSelect(MailLine, {
  product_name: 'p.name',
  quantity: 'trunc(l.quantity)::text',
  unit_price: money('unit_price', 'l'),
  line_total: money('line_total', 'l'),
});

interface MailRow {
  readonly body: string;
  readonly status: OrderStatus;
  readonly has_address: boolean;
  readonly is_imported: boolean;
  readonly confirmed_at: Date | null;
}
const selectMail = statement<MailRow>(
  'orders.mail',
  `select ${jsonSelect(OrderMail, {
    to: { name: 'c.name', email: 'c.email' },
    from_name: '$2::text',
    locale: '$3::text',
    number: 'o.number',
    lines: jsonArray(
      line,
      'erp_order_lines l join erp_products p on p.id = l.product_id where l.order_id = o.id order by l.position',
    ),
    subtotal: money('subtotal'),
    discount: money('discount'),
    tax: money('tax'),
    total: money('total'),
    deposit_due: money('deposit_due'),
    due_on: 'o.due_on',
  })} as body, o.status, c.email is not null as has_address,
    o.quote_id is null and o.rule_set_version_id is null as is_imported,
    (select max(s.created_at) from erp_order_status_changes s
     where s.order_id = o.id and s.to_status = 'confirmed') as confirmed_at
  from erp_orders o join erp_customers c on c.id = o.customer_id
  where o.id = $1::uuid and o.number is not null`,
  { parse: { has_address: 'bool', is_imported: 'bool', confirmed_at: 'date' } },
);

const withheld = (reason: OrderMailWithheldReason): RawJson => new RawJson(`{"mail":null,"withheld":"${reason}"}`);

/** @throws AppError not_found for drafts, and for what the scope does not see */
export async function findOrderMail(
  db: Queryable,
  of: { readonly organization: Organization; readonly now: Date },
  id: string,
): Promise<RawJson> {
  const { organization, now } = of;
  const [row] = await db.query(selectMail, [id, organization.name, organization.settings.locale]);
  if (!row) throw new AppError('not_found');
  if (!row.has_address) return withheld('no_address');
  if (row.status === 'cancelled') return withheld('cancelled');
  // Its sums have parts that a mail of ours does not name, and whoever sold it has written to the customer.
  if (row.is_imported) return withheld('imported');
  const { confirmed_at: confirmedAt } = row;
  const isOutdated = confirmedAt === null || now.getTime() - confirmedAt.getTime() > tellsForMs;
  return isOutdated ? withheld('outdated') : new RawJson(`{"mail":${row.body},"withheld":null}`);
}

/** For the worker, in the scope of the event that it handles. */
export const orderMailRoute = (deps: ModuleDeps): SiteImplementation =>
  implementSite(orderMail.get, async ({ ctx, params, query }) => {
    const { organization, db } = enterOrganization(deps, params.tenant_id, query);
    return findOrderMail(db, { organization, now: ctx.now() }, params.id);
  });
