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
  t.same(await sweep(), [0, 0]);

  const [old] = await plane.sql<{ id: string }>('select id from res_sessions order by id limit 1');
  await plane.sql(`update res_sessions set expires_at = now() - interval '8 days' where id = $1`, [old?.id ?? '']);
  t.same(await sweep(), [0, 0], 'a session waits for its tokens');
  await plane.sql(`update res_refresh_tokens set expires_at = now() - interval '8 days' where session_id = $1`, [
    old?.id ?? '',
  ]);
  t.same(await sweep(), [1, 1]);
  t.match(await counts(), [{ sessions: '1', tokens: '1' }]);
});
