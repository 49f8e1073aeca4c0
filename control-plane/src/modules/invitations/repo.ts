import { jsonSelect, writtenRow } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { Invitation, invitations } from '@platen/schema/contracts/control/invitations';
import type { Static } from 'typebox';
import { type PermissionBits, parseBits, type Reach } from '../access/index.js';

export type InvitationRow = Static<typeof Invitation>;

const status = `case when t.accepted_at is not null then 'accepted' when t.revoked_at is not null then 'revoked'
  when t.expires_at <= now() then 'expired' else 'open' end`;
const item = jsonSelect(Invitation, {
  id: 't.id',
  email: 't.email',
  role_id: 't.role_id',
  scope: 't.scope',
  organization_id: 't.organization_id',
  workspace_id: 't.workspace_id',
  status,
  invited_by: 't.invited_by',
  expires_at: 't.expires_at',
  accepted_at: 't.accepted_at',
  revoked_at: 't.revoked_at',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const parse = { row: 'json' } as const;

/** Newest first. Filters: tenant, what is visible (organization, workspace), status. */
export const invitationPage = definePage({
  contract: invitations.list,
  item,
  key: 't.id::text',
  rows: `select t.* from res_user_invitations t
    where t.tenant_id = $3::uuid and t.id < $2::uuid
      and ($4::uuid is null or t.organization_id = $4::uuid) and ($5::uuid is null or t.workspace_id = $5::uuid)
      and ($6::text is null or $6 = ${status})
    order by t.id desc`,
  start: lastId,
});

export interface InvitationTarget {
  readonly role: PermissionBits | null;
  readonly place_exists: boolean;
  readonly user_id: string | null;
  readonly user_status: 'invited' | 'active' | 'disabled' | null;
  /** Has the user this role there, for good? */
  readonly has_role: boolean;
  /** Is there an open invitation to the same? */
  readonly is_invited: boolean;
}
const samePlace = (alias: string) => `${alias}.role_id = $3 and ${alias}.organization_id is not distinct from $4
  and ${alias}.workspace_id is not distinct from $5`;

const findTarget = statement<InvitationTarget>(
  'invitations_find_target',
  `select
     (select coalesce((select json_agg(p.bit) from res_role_permissions rp join res_permissions p on p.id = rp.permission_id
        where rp.role_id = r.id), '[]')
      from res_roles r where r.id = $3 and (r.tenant_id is null or r.tenant_id = $1) and r.deleted_at is null) as role,
     case when $5::uuid is not null then exists (select from res_workspaces
         where tenant_id = $1 and organization_id = $4 and id = $5 and status = 'active')
       when $4::uuid is not null then exists (select from res_organizations
         where tenant_id = $1 and id = $4 and status = 'active')
       else true end as place_exists,
     u.id as user_id, u.status as user_status,
     exists (select from res_user_roles ur where ur.tenant_id = u.tenant_id and ur.user_id = u.id
       and ${samePlace('ur')} and ur.expires_at is null) as has_role,
     exists (select from res_user_invitations i where i.tenant_id = $1 and i.email = $2 and ${samePlace('i')}
       and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()) as is_invited
   from (select) one left join res_users u on u.tenant_id = $1 and u.email = $2`,
  { parse: { role: parseBits, place_exists: 'bool', has_role: 'bool', is_invited: 'bool' } },
);

export async function findInvitationTarget(
  tx: Tx,
  tenantId: string,
  wanted: Reach & { readonly email: string; readonly roleId: string },
): Promise<InvitationTarget> {
  const values = [tenantId, wanted.email, wanted.roleId, wanted.organizationId, wanted.workspaceId];
  const [row] = await tx.query(findTarget, values);
  if (row === undefined) throw new Error('a left join of one row has one');
  return row;
}

const insertUser = statement<never>(
  'invitations_insert_user',
  `insert into res_users (tenant_id, id, email, name, status) values ($1, $2, $3, $3, 'invited')`,
);

/** Somebody who has no password yet; their name is their e-mail until they say it. */
export function insertInvitedUser(
  tx: Tx,
  tenantId: string,
  user: { readonly id: string; readonly email: string },
): void {
  tx.defer(insertUser, [tenantId, user.id, user.email]);
}

const insert = statement<{ row: InvitationRow }>(
  'invitations_insert',
  `insert into res_user_invitations as t
     (tenant_id, id, email, role_id, scope, organization_id, workspace_id, token_hash, invited_by, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${item} as row`,
  { parse },
);

export interface NewInvitation extends Reach {
  readonly id: string;
  readonly email: string;
  readonly roleId: string;
  readonly tokenHash: string;
  readonly invitedBy: string;
  readonly expiresAt: Date;
}

export async function insertInvitation(tx: Tx, tenantId: string, row: NewInvitation): Promise<InvitationRow> {
  const place = [row.scope, row.organizationId, row.workspaceId];
  const values = [tenantId, row.id, row.email, row.roleId, ...place, row.tokenHash, row.invitedBy, row.expiresAt];
  return writtenRow(await tx.query(insert, values));
}

const lock = statement<{ row: InvitationRow }>(
  'invitations_lock',
  `select ${item} as row from res_user_invitations t where t.tenant_id = $1 and t.id = $2 for no key update`,
  { parse },
);

export async function lockInvitation(tx: Tx, tenantId: string, id: string): Promise<InvitationRow | undefined> {
  return (await tx.query(lock, [tenantId, id]))[0]?.row;
}

const renew = statement<{ row: InvitationRow }>(
  'invitations_renew',
  `update res_user_invitations t set token_hash = $3, expires_at = $4, invited_by = coalesce($5, t.invited_by), updated_at = now()
   where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse },
);

export interface NewLink {
  readonly tokenHash: string;
  readonly expiresAt: Date;
  /** By whose word it holds from now on; null: still by the same. */
  readonly invitedBy: string | null;
}

export const updateToken = async (tx: Tx, tenantId: string, id: string, link: NewLink) =>
  writtenRow(await tx.query(renew, [tenantId, id, link.tokenHash, link.expiresAt, link.invitedBy]));

const revoke = statement<{ row: InvitationRow }>(
  'invitations_revoke',
  `update res_user_invitations t set revoked_at = now(), updated_at = now()
   where t.tenant_id = $1 and t.id = $2 returning ${item} as row`,
  { parse },
);

export const updateRevoked = async (tx: Tx, tenantId: string, id: string): Promise<InvitationRow> =>
  writtenRow(await tx.query(revoke, [tenantId, id]));

export interface OpenInvitation {
  readonly row: InvitationRow;
  readonly user_id: string;
  readonly user_status: 'invited' | 'active' | 'disabled';
  readonly tenant_name: string;
  /** What the role holds now; null: it is gone. */
  readonly role: PermissionBits | null;
}
const byToken = `select ${item} as row, u.id as user_id, u.status as user_status, tn.name as tenant_name,
     case when r.deleted_at is null then coalesce((select json_agg(p.bit) from res_role_permissions rp
       join res_permissions p on p.id = rp.permission_id where rp.role_id = r.id), '[]') end as role
   from res_user_invitations t
   join res_users u on u.tenant_id = t.tenant_id and u.email = t.email
   join tenants tn on tn.id = t.tenant_id
   join res_roles r on r.id = t.role_id
   where t.tenant_id = $1 and t.token_hash = $2`;
const parseOpen = { parse: { ...parse, role: parseBits } } as const;
const findByToken = statement<OpenInvitation>('invitations_find_by_token', byToken, parseOpen);
const lockByToken = statement<OpenInvitation>(
  'invitations_lock_by_token',
  `${byToken} for no key update of t, u`,
  parseOpen,
);

export async function findInvitationByToken(db: Queryable, tenantId: string, hash: string) {
  return (await db.query(findByToken, [tenantId, hash]))[0];
}

export async function lockInvitationByToken(tx: Tx, tenantId: string, hash: string) {
  return (await tx.query(lockByToken, [tenantId, hash]))[0];
}

const accept = statement<never>(
  'invitations_accept',
  'update res_user_invitations set accepted_at = now(), updated_at = now() where tenant_id = $1 and id = $2',
);
const activate = statement<never>(
  'invitations_activate_user',
  `update res_users set name = $3, password_hash = $4, status = 'active', updated_at = now()
   where tenant_id = $1 and id = $2 and status = 'invited'`,
);
const deleteGrant = statement<never>(
  'invitations_delete_grant',
  `delete from res_user_roles ur where ur.tenant_id = $1 and ur.user_id = $2 and ${samePlace('ur')}`,
);
const insertGrant = statement<never>(
  'invitations_insert_grant',
  `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id, workspace_id)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

export function updateAccepted(tx: Tx, tenantId: string, id: string): void {
  tx.defer(accept, [tenantId, id]);
}

export function updateUserActive(
  tx: Tx,
  tenantId: string,
  user: { readonly id: string; readonly name: string; readonly passwordHash: string },
): void {
  tx.defer(activate, [tenantId, user.id, user.name, user.passwordHash]);
}

/** What the invitation gives; a grant of the same that would end gives way to it. */
export function insertGivenRole(tx: Tx, tenantId: string, id: string, userId: string, given: InvitationRow): void {
  const place = [given.organization_id, given.workspace_id];
  tx.defer(deleteGrant, [tenantId, userId, given.role_id, ...place]);
  tx.defer(insertGrant, [tenantId, id, userId, given.role_id, given.scope, ...place]);
}

const findCaller = statement<{ found: boolean }>(
  'invitations_find_caller',
  `select exists (select from res_users where tenant_id = $1 and id = $2)
     or exists (select from res_api_keys where tenant_id = $1 and id = $2) as found`,
  { parse: { found: 'bool' } },
);

/** Is it a user or an API key of the tenant, of whatever state? */
export async function isOfTenant(tx: Tx, tenantId: string, id: string): Promise<boolean> {
  return (await tx.query(findCaller, [tenantId, id]))[0]?.found ?? false;
}
