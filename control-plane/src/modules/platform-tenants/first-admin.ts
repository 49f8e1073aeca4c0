import { randomBytes } from 'node:crypto';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { CallCtx } from '@platen/chassis/http/types';
import type { AccountMails } from '../account-mails/index.js';
import { hashLinkToken, newLinkToken } from '../auth/index.js';
import {
  type InvitationRow,
  insertInvitation,
  invitationLifetimeMs,
  invitationMail,
  updateToken,
} from '../invitations/index.js';

type Asking = Pick<CallCtx, 'correlationId' | 'traceparent' | 'newId' | 'now'>;

const findRole = statement<{ id: string }>(
  'platform_tenants_find_admin_role',
  `select id from res_roles where tenant_id is null and code = 'tenant_admin' and deleted_at is null`,
);
const insertUser = statement<never>(
  'platform_tenants_insert_admin',
  `insert into res_users (tenant_id, id, email, name, status) values ($1, $2, $3, $4, 'invited')`,
);

export interface FirstAdmin {
  readonly email: string;
  readonly name: string;
}

/** Waits for the tenant: nobody knows the link of this invitation until `sendInvitation` makes it. */
export async function insertFirstAdmin(
  tx: Tx,
  ctx: Asking,
  tenantId: string,
  admin: FirstAdmin & { readonly invitedBy: string },
): Promise<void> {
  const [role] = await tx.query(findRole);
  if (role === undefined) throw new Error('there is no role tenant_admin; run db:seed');
  tx.defer(insertUser, [tenantId, ctx.newId(), admin.email, admin.name]);
  await insertInvitation(tx, tenantId, {
    id: ctx.newId(),
    email: admin.email,
    roleId: role.id,
    scope: 'tenant',
    organizationId: null,
    workspaceId: null,
    tokenHash: hashLinkToken(randomBytes(32).toString('base64url')),
    invitedBy: admin.invitedBy,
    expiresAt: new Date(ctx.now().getTime() + invitationLifetimeMs),
  });
}

const findInvited = statement<{ id: string; name: string }>(
  'platform_tenants_find_invited',
  `select i.id, u.name from res_user_invitations i join res_users u on u.tenant_id = i.tenant_id and u.email = i.email
   where i.tenant_id = $1 and ($2::uuid is null or u.id = $2::uuid) and u.status = 'invited'
     and i.accepted_at is null and i.revoked_at is null
   order by i.id desc limit 1 for no key update of i`,
);

/** A new link for the user's invitation (`userId` null: of whoever is invited); undefined: nobody waits for one. */
export async function sendInvitation(
  tx: Tx,
  ctx: Asking,
  mails: AccountMails,
  tenantId: string,
  userId: string | null,
): Promise<InvitationRow | undefined> {
  const [invited] = await tx.query(findInvited, [tenantId, userId]);
  if (invited === undefined) return undefined;
  const token = newLinkToken();
  const expiresAt = new Date(ctx.now().getTime() + invitationLifetimeMs);
  const row = await updateToken(tx, tenantId, invited.id, {
    tokenHash: hashLinkToken(token),
    expiresAt,
    invitedBy: null,
  });
  mails.queue(tx, { ...pick(ctx), tenant: { id: tenantId } }, invitationMail(row, token, invited.name));
  return row;
}

const pick = (ctx: Asking) => ({
  correlationId: ctx.correlationId,
  traceparent: ctx.traceparent,
  newId: () => ctx.newId(),
});
