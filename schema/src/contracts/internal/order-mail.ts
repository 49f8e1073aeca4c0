import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { CalendarDate, closed, Email, Id, literals, Money, Name, nullable } from '../shapes.js';
import { MailLine } from './quote-mail.js';

/** What the mail of a confirmed order says. */
export const OrderMail = closed({
  to: closed({ name: Name, email: Email }),
  from_name: Name,
  locale: Type.String(),
  number: Type.String(),
  lines: Type.Array(MailLine),
  subtotal: Money,
  discount: Money,
  tax: Money,
  total: Money,
  deposit_due: nullable(Money),
  due_on: nullable(CalendarDate),
});
export type OrderMail = Static<typeof OrderMail>;

/**
 * Why nothing is to be sent: the customer has no address, or the order is cancelled, or it was confirmed too long ago, or
 * it was sold elsewhere, whose customer hears from there.
 */
export const orderMailWithheldReasons = ['no_address', 'cancelled', 'outdated', 'imported'] as const;
export type OrderMailWithheldReason = (typeof orderMailWithheldReasons)[number];

export const orderMail = contracts('internal.orderMail', {
  get: {
    method: 'GET',
    path: '/internal/tenants/:tenant_id/orders/:id/mail',
    access: { service: 'erp.mail' },
    summary: 'The content of the mail for a confirmed order, or why there is none to send',
    params: closed({ tenant_id: Id, id: Id }),
    query: closed({ organization_id: Id, workspace_id: Type.Optional(Id) }),
    status: 200,
    response: closed({ mail: nullable(OrderMail), withheld: nullable(literals(orderMailWithheldReasons)) }),
  },
});
