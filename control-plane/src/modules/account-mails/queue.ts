import { insertEvent } from '@platen/chassis/bus/outbox';
import type { Tx } from '@platen/chassis/db/types';
import type { CallCtx } from '@platen/chassis/http/types';
import type { AccountMailKind } from '@platen/schema/contracts/internal/account-mails';
import type { UserEventType } from '@platen/schema/events/user';
import type { TextCipher } from '../keys/index.js';

export const mailKinds = {
  invitation: 'platform.user.invited',
  password_reset: 'platform.user.password_reset_requested',
  email_change: 'platform.user.email_change_requested',
  email_changed: 'platform.user.email_changed',
  password_changed: 'platform.user.password_changed',
} as const satisfies Record<AccountMailKind, UserEventType>;

export interface NewAccountMail {
  readonly kind: AccountMailKind;
  /** `name` may be empty: who is invited is known by an address alone. */
  readonly to: { readonly email: string; readonly name: string };
  /** The aggregate, whose row is locked by now; the invitation's id for invitations. */
  readonly userId: string;
  /** The link's secret, as the link carries it. */
  readonly token: string | null;
  readonly expiresAt: Date | null;
}

/** What of a request's `ctx` a mail carries; the platform's own requests name the tenant themselves. */
export type MailOrigin = Pick<CallCtx, 'correlationId' | 'traceparent' | 'newId'> & {
  readonly tenant: { readonly id: string };
};

export interface AccountMails {
  /** In the transaction of its cause, and before the audit event. It leaves when that commits. */
  queue(tx: Pick<Tx, 'defer'>, ctx: MailOrigin, mail: NewAccountMail): void;
}

/** What a secret is bound to: one event's text fits no other. */
export const secretOf = (tenantId: string, eventId: string): string => `account-mail ${tenantId} ${eventId}`;

export function createAccountMails({ cipher }: { readonly cipher: TextCipher }): AccountMails {
  return {
    queue(tx, ctx, { kind, to, userId, token, expiresAt }) {
      const eventId = ctx.newId();
      const origin = {
        correlationId: ctx.correlationId,
        traceparent: ctx.traceparent,
        tenant: ctx.tenant,
        // A user belongs to the whole tenant, wherever the request came from.
        organizationId: null,
        workspaceId: null,
        newId: () => eventId,
      };
      insertEvent(tx, origin, {
        type: mailKinds[kind],
        aggregateId: userId,
        data: {
          subject_id: userId,
          to: { email: to.email, name: to.name },
          secret: token === null ? null : cipher.encrypt(token, secretOf(ctx.tenant.id, eventId)),
          expires_at: expiresAt === null ? null : expiresAt.toISOString(),
        },
      });
    },
  };
}
