/**
 * Which users count towards the limit `users`: those who can sign in, or could after accepting an invitation that is still
 * open. A condition on a `res_users` of this alias.
 */
export const countedUsers = (alias: string): string =>
  `(${alias}.status = 'active' or ${alias}.status = 'invited' and exists (select from res_user_invitations i
    where i.tenant_id = ${alias}.tenant_id and i.email = ${alias}.email and i.accepted_at is null
      and i.revoked_at is null and i.expires_at > now()))`;
