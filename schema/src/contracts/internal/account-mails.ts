import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Email, Id, literals, Name, nullable, Timestamp } from '../shapes.js';

export const accountMailKinds = [
  'invitation',
  'password_reset',
  'email_change',
  'email_changed',
  'password_changed',
] as const;
export type AccountMailKind = (typeof accountMailKinds)[number];

/** What a mail about somebody's account says. */
export const AccountMail = closed({
  kind: literals(accountMailKinds),
  /** An empty name: only the address is known. */
  to: closed({ email: Email, name: Type.String() }),
  tenant_name: Name,
  /** Of the organization that the user begins in, else of the tenant's first; `en` where there is none. */
  locale: Type.String(),
  /** At the tenant's primary domain; null where the mail only tells. */
  link: nullable(Type.String()),
  expires_at: nullable(Timestamp),
});
export type AccountMail = Static<typeof AccountMail>;

/** Why nothing is to be sent (any more). */
export const withheldReasons = ['sent', 'expired', 'used', 'tenant_inactive'] as const;
export type WithheldReason = (typeof withheldReasons)[number];

const params = closed({ tenant_id: Id, event_id: Id });

export const accountMails = contracts('internal.accountMails', {
  get: {
    method: 'GET',
    path: '/internal/tenants/:tenant_id/account-mails/:event_id',
    access: { service: 'account.mail' },
    summary: 'The content of a mail about somebody’s account, or why there is none to send',
    params,
    status: 200,
    response: closed({ mail: nullable(AccountMail), withheld: nullable(literals(withheldReasons)) }),
  },
  delivered: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/account-mails/:event_id/delivered',
    access: { service: 'account.mail' },
    summary: 'Done with this mail: the secret of its link is erased',
    description: 'Saying so twice is fine.',
    params,
    status: 204,
    idempotency: 'exempt',
  },
});
