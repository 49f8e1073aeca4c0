import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import t from 'tap';
import { createPasswordPool } from '../../modules/auth/index.js';
import { runPlatformAdmin } from './run-platform-admin.js';

const audited = statement<{ actor_type: string; action: string; after: string }>(
  'test_audited',
  'select actor_type, action, after::text from audit_events where tenant_id is null',
);

t.test('the first owner is made by whoever has the database', async (t) => {
  const database = await testDatabase(t, 'control');
  const db = systemDatabase({ ...patient, name: 'platform-admin', url: database.platformUrl, poolSize: 2 });
  const parameters = { memoryKib: 64, passes: 1, lanes: 1 };
  const passwords = createPasswordPool({ threads: 1, maxQueue: 8, parameters });
  t.teardown(() => Promise.all([db.close(), passwords.close()]).then(() => undefined));
  const run = async (password: string, ...args: string[]) => {
    const lines: string[] = [];
    const code = await runPlatformAdmin(args, {
      db,
      passwords,
      readPassword: async () => password,
      print: (line) => lines.push(line),
    });
    return { code, text: lines.join('\n') };
  };
  t.match(await run('password1234', 'create', 'First@platform.test', 'Fay'), {
    code: 1,
    text: /password_unacceptable/,
  });
  const good = 'a word nobody thinks of';
  t.same(await run(good, 'create', 'First@platform.test', 'Fay'), {
    code: 0,
    text: 'first@platform.test is an owner of the platform',
  });
  t.match(await run(good, 'create', 'first@platform.test', 'Fay'), { code: 1, text: /duplicate/ });
  for (const args of [[], ['create'], ['create', 'no-mail', 'Fay'], ['create', 'a@b.test', 'Fay', good]]) {
    await t.rejects(run(good, ...args), { name: 'UsageError' }, args.join(' '));
  }
  const rows = await db.query(audited);
  t.match(rows, [{ actor_type: 'system', action: 'platform_admin.create' }]);
  t.notMatch(rows[0]?.after, /argon|password/);
});
