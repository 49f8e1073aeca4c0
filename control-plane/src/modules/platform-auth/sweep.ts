import { statement } from '@platen/chassis/db/statement';
import type { Sweep } from '@platen/chassis/db/sweeps';

/** As a tenant's: past their own time, for whoever stole one lately and for who asks how a session ended. */
const retentionSeconds = 7 * 86_400;

const deleteTokens = statement<{ id: string }>(
  'platform_auth_delete_old_refresh_tokens',
  `delete from platform_admin_refresh_tokens where ctid = any(array(
     select ctid from platform_admin_refresh_tokens where expires_at < now() - make_interval(secs => $1::int)
     order by expires_at limit $2::int))
   returning id`,
);
const deleteSessions = statement<{ id: string }>(
  'platform_auth_delete_old_sessions',
  `delete from platform_admin_sessions where ctid = any(array(
     select s.ctid from platform_admin_sessions s
     where s.expires_at < now() - make_interval(secs => $1::int)
       and not exists (select from platform_admin_refresh_tokens r where r.session_id = s.id)
     order by s.expires_at limit $2::int))
   returning id`,
);

/** In this order: sessions wait for their tokens. */
export const platformSessionSweeps: readonly Sweep[] = [
  {
    name: 'platform refresh tokens',
    deleteSome: async (db, limit) => (await db.query(deleteTokens, [retentionSeconds, limit])).length,
  },
  {
    name: 'platform sessions',
    deleteSome: async (db, limit) => (await db.query(deleteSessions, [retentionSeconds, limit])).length,
  },
];
