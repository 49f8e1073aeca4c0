import { runSweeps } from '@platen/chassis/db/sweeps';
import t from 'tap';
import { startControlPlane } from '../../test/control-plane.js';
import { sessionSweeps } from './sweep.js';

t.test('sessions and tokens go a week after their end, and open ones stay', async (t) => {
  const plane = await startControlPlane(t);
  for (let n = 0; n < 2; n += 1) await plane.browser().signIn('sales@acme.test');
  const counts = () =>
    plane.sql<{ sessions: string; tokens: string }>(
      'select (select count(*) from res_sessions) as sessions, (select count(*) from res_refresh_tokens) as tokens',
    );
  const sweep = async () => [...(await runSweeps(plane.platformDb, sessionSweeps, plane.log.log)).values()];
  t.match(await counts(), [{ sessions: '2', tokens: '2' }]);
  t.same(await sweep(), [0, 0, 0, 0]);

  const [old] = await plane.sql<{ id: string }>('select id from res_sessions order by id limit 1');
  await plane.sql(`update res_sessions set expires_at = now() - interval '8 days' where id = $1`, [old?.id ?? '']);
  t.same(await sweep(), [0, 0, 0, 0], 'a session waits for its tokens');
  await plane.sql(`update res_refresh_tokens set expires_at = now() - interval '8 days' where session_id = $1`, [
    old?.id ?? '',
  ]);
  t.same(await sweep(), [1, 1, 0, 0]);
  t.match(await counts(), [{ sessions: '1', tokens: '1' }]);

  const [user] = await plane.sql<{ tenant_id: string; id: string }>('select tenant_id, id from res_users limit 1');
  for (const [hash, age] of [
    ['old', '8 days'],
    ['new', '1 day'],
  ] as const) {
    await plane.sql(
      `insert into res_user_tokens (tenant_id, id, user_id, kind, token_hash, expires_at)
       values ($1, gen_random_uuid(), $2, 'password_reset', $3, now() - $4::interval)`,
      [user?.tenant_id ?? '', user?.id ?? '', hash, age],
    );
    await plane.sql(
      `insert into auth_throttles (tenant_id, subject_hash, ip_prefix, last_failure_at)
       values ($1, $2, '', now() - $3::interval)`,
      [user?.tenant_id ?? '', hash, hash === 'old' ? '25 hours' : '1 hour'],
    );
  }
  t.same(await sweep(), [0, 0, 1, 1], 'links stay for a week, counts for a day');
});
