import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { type AccountMailQueued, topic } from '@platen/schema/events/user';

export interface QueuedMail {
  readonly type: string;
  readonly data: AccountMailQueued;
  readonly tenant_name: string;
  readonly tenant_status: string;
  /** Of the primary domain, else of the sub-domain. */
  readonly domain: string | null;
  readonly locale: string | null;
}

/** The locale is of the place that the reader will work in; a tenant without an organization has none. */
const find = statement<QueuedMail>(
  'account_mails_find',
  `select e.type, e.payload as data, t.name as tenant_name, t.status as tenant_status,
     (select d.domain from tenant_domains d where d.tenant_id = t.id and d.verified_at is not null
      order by d.is_primary desc, d.kind = 'subdomain' desc, d.created_at limit 1) as domain,
     (select s.locale from res_organizations o
      join res_organization_settings s on s.tenant_id = o.tenant_id and s.organization_id = o.id
      left join res_users u on u.tenant_id = o.tenant_id and u.id = (e.payload ->> 'subject_id')::uuid
      left join res_user_invitations i on i.tenant_id = o.tenant_id and i.id = (e.payload ->> 'subject_id')::uuid
      where o.tenant_id = t.id and o.status = 'active'
      order by o.id is not distinct from coalesce(u.default_organization_id, i.organization_id) desc, o.code
      limit 1) as locale
   from outbox_events e join tenants t on t.id = e.tenant_id
   where e.tenant_id = $1 and e.id = $2 and e.topic = $3`,
  { parse: { data: 'json' } },
);

export async function findQueuedMail(
  db: Queryable,
  tenantId: string,
  eventId: string,
): Promise<QueuedMail | undefined> {
  const [row] = await db.query(find, [tenantId, eventId, topic]);
  return row;
}

const findToken = statement<{ open: boolean }>(
  'account_mails_find_token',
  `select used_at is null and expires_at > now() as open from res_user_tokens
   where tenant_id = $1 and user_id = $2 and token_hash = $3`,
  { parse: { open: 'bool' } },
);
const findInvitation = statement<{ open: boolean }>(
  'account_mails_find_invitation',
  `select accepted_at is null and revoked_at is null and expires_at > now() as open from res_user_invitations
   where tenant_id = $1 and id = $2 and token_hash = $3`,
  { parse: { open: 'bool' } },
);

/** Can the link still be used? One that was replaced by a newer cannot. */
export async function isLinkOpen(
  db: Queryable,
  tenantId: string,
  link: { readonly invitation: boolean; readonly subjectId: string; readonly tokenHash: string },
): Promise<boolean> {
  const values = [tenantId, link.subjectId, link.tokenHash];
  const [row] = await db.query(link.invitation ? findInvitation : findToken, values);
  return row?.open ?? false;
}

const eraseSecret = `payload = payload || '{"secret": null}'::jsonb`;
const updateOne = statement<{ id: string }>(
  'account_mails_erase',
  `update outbox_events set ${eraseSecret} where tenant_id = $1 and id = $2 and topic = $3 returning id`,
);

/** Is there such a mail? */
export async function updateSecretErased(db: Queryable, tenantId: string, eventId: string): Promise<boolean> {
  return (await db.query(updateOne, [tenantId, eventId, topic])).length === 1;
}

const updateExpired = statement<{ id: string }>(
  'account_mails_erase_expired',
  `update outbox_events set ${eraseSecret} where ctid = any(array(
     select ctid from outbox_events
     where topic = $1 and payload ->> 'secret' is not null and (payload ->> 'expires_at')::timestamptz < now()
     limit $2::int))
   returning id`,
);

/** A link that nobody can use any more needs no secret, delivered or not. */
export const updateExpiredSecrets = async (db: Queryable, limit: number): Promise<number> =>
  (await db.query(updateExpired, [topic, limit])).length;
