import { statement } from '@platen/chassis/db/statement';
import type { Sweep } from '@platen/chassis/db/sweeps';

/** A used token that comes back ends its session; so it is kept past its own 12 hours, for whoever stole it lately. */
const tokenRetentionSeconds = 7 * 86_400;
/** Refused at once when it ends; kept so that somebody can still see how a session ended. */
const sessionRetentionSeconds = 7 * 86_400;

const deleteTokens = statement<{ id: string }>(
  'auth_delete_old_refresh_tokens',
  `delete from res_refresh_tokens where ctid = any(array(
     select ctid from res_refresh_tokens where expires_at < now() - make_interval(secs => $1::int) limit $2::int))
   returning id`,
);

/** Revoked ones go when they would have expired. Only those whose tokens are gone: a cascade would have no limit. */
const deleteSessions = statement<{ id: string }>(
  'auth_delete_old_sessions',
  `delete from res_sessions where ctid = any(array(
     select s.ctid from res_sessions s
     where s.expires_at < now() - make_interval(secs => $1::int) and not exists (
       select from res_refresh_tokens r where r.tenant_id = s.tenant_id and r.session_id = s.id)
     order by s.expires_at limit $2::int))
   returning id`,
);

/** Links last an hour; kept so that somebody can still see that one was sent, and used. */
const linkRetentionSeconds = 7 * 86_400;
/** Longer than the slowest count is remembered. */
const throttleRetentionSeconds = 86_400;

const deleteLinks = statement<{ id: string }>(
  'auth_delete_old_user_tokens',
  `delete from res_user_tokens where ctid = any(array(
     select ctid from res_user_tokens where expires_at < now() - make_interval(secs => $1::int)
     order by expires_at limit $2::int))
   returning id`,
);
const deleteThrottles = statement<{ tenant_id: string }>(
  'auth_delete_old_throttles',
  `delete from auth_throttles where ctid = any(array(
     select ctid from auth_throttles where last_failure_at < now() - make_interval(secs => $1::int)
     order by last_failure_at limit $2::int))
   returning tenant_id`,
);

/** In this order: sessions wait for their tokens. */
export const sessionSweeps: readonly Sweep[] = [
  {
    name: 'refresh tokens',
    deleteSome: async (db, limit) => (await db.query(deleteTokens, [tokenRetentionSeconds, limit])).length,
  },
  {
    name: 'sessions',
    deleteSome: async (db, limit) => (await db.query(deleteSessions, [sessionRetentionSeconds, limit])).length,
  },
  {
    name: 'mailed links',
    deleteSome: async (db, limit) => (await db.query(deleteLinks, [linkRetentionSeconds, limit])).length,
  },
  {
    name: 'throttles',
    deleteSome: async (db, limit) => (await db.query(deleteThrottles, [throttleRetentionSeconds, limit])).length,
  },
];
