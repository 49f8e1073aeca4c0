import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { CalendarDate, closed, Email, Id, Money, Name, nullable } from '../shapes.js';

/** Of a mail that lists what is sold. */
export const MailLine = closed({
  product_name: Name,
  quantity: Type.String(),
  unit_price: Money,
  line_total: Money,
});
/** What the mail of a sent quote says. The worker holds no database credentials: it asks, in the event's scope. */
export const QuoteMail = closed({
  to: closed({ name: Name, email: Email }),
  from_name: Name,
  locale: Type.String(),
  number: Type.String(),
  total: Money,
  valid_until: CalendarDate,
  lines: Type.Array(MailLine),
  subtotal: Money,
  discount: Money,
  tax: Money,
  deposit_due: nullable(Money),
  /** To the page where the customer accepts or rejects it. null: there is none any more. */
  link: nullable(Type.String()),
});
export type QuoteMail = Static<typeof QuoteMail>;

export const quoteMail = contracts('internal.quoteMail', {
  get: {
    method: 'GET',
    path: '/internal/tenants/:tenant_id/quotes/:id/mail',
    access: { service: 'erp.mail' },
    summary: 'The content of the mail for a sent quote',
    params: closed({ tenant_id: Id, id: Id }),
    query: closed({ organization_id: Id, workspace_id: Type.Optional(Id) }),
    status: 200,
    response: QuoteMail,
  },
});
