import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import t, { type Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { bootstrapSigningKey, createTextCipher, deriveKey } from '../modules/keys/index.js';
import { runAudit } from './audit/run-audit.js';
import { runKeys } from './keys/run-keys.js';

async function open(t: Test) {
  const database = await testDatabase(t, 'control');
  const db = systemDatabase({ ...patient, name: 'commands', url: database.platformUrl, poolSize: 4 });
  t.teardown(() => db.close());
  const cipher = createTextCipher(deriveKey(randomBytes(32).toString('base64'), 'signing-keys'));
  const active = (await bootstrapSigningKey(db, cipher)) ?? '';
  const run = async (command: typeof runKeys, ...args: string[]) => {
    const lines: string[] = [];
    const code = await command(args, { db, cipher, print: (line) => lines.push(line), pollMs: 10 });
    return { code, lines, text: lines.join('\n') };
  };
  const audit = async (...args: string[]) => {
    const lines: string[] = [];
    const written: string[] = [];
    const code = await runAudit(args, {
      openDb: () => db,
      print: (line) => lines.push(line),
      write: async (stream) => {
        written.push(await text(stream));
      },
    });
    return { code, text: lines.join('\n'), file: written.join('') };
  };
  return { database, db, active, keys: (...args: string[]) => run(runKeys, ...args), audit };
}

t.test('keys: rotate waits, says for whom, and goes on when it was broken off', async (t) => {
  const { db, active, keys } = await open(t);
  t.match(await keys('list'), { code: 0, text: new RegExp(`^${active}  active`) });
  const instance = uuidv7();
  const report = statement<never>(
    'test_report',
    `insert into platform_instances (id, kind, last_seen_at, feed_position, key_ids) values ($1, 'data-plane', now() + interval '1 hour', 1, $2)
     on conflict (id) do update set key_ids = excluded.key_ids`,
  );
  await db.query(report, [instance, [active]]);
  const refused = await keys('rotate', '--timeout', '0.05');
  t.equal(refused.code, 3);
  t.match(refused.text, new RegExp(`waiting for data-plane ${instance}\n.*refused \\(keys_not_held\\)`));
  const next = /published (\S+)/.exec(refused.text)?.[1] ?? '';
  t.match(await keys('activate'), { code: 3 });
  t.match(await keys('publish'), { code: 1, text: /illegal_transition/ });
  const rotating = keys('rotate');
  await db.query(report, [instance, [active, next]]);
  t.match(await rotating, { code: 0, text: new RegExp(`published ${next}\\s(.*\\s)*${next}  active`) });
  t.match(await keys('list'), { text: new RegExp(`${active}  retiring .*verifies until`) });
  t.match(await keys('revoke', next), { code: 0, text: new RegExp(`${next}  revoked`) });
  t.match(await keys('list'), { text: /^\S+ {2}active/ }, 'a new key signs');
  t.match(await keys('revoke', 'nobody'), { code: 1, text: /not_found/ });
  for (const wrong of [
    [],
    ['what'],
    ['publish', '--dry-run'],
    ['revoke'],
    ['revoke', active, next],
    ['rotate', '5'],
    ['rotate', '--timeout', 'x'],
  ]) {
    await t.rejects(keys(...wrong), { name: 'UsageError' }, wrong.join(' '));
  }
});

t.test('audit: every chain, one chain, a file, a point of the log', async (t) => {
  const { database, keys, audit } = await open(t);
  for (let n = 0; n < 3; n += 1) {
    await keys('publish');
    await keys('activate');
  }
  const sound = await audit('verify');
  t.match(sound, { code: 0, text: /^platform: 9 events, unbroken, ends at 9:[0-9a-f]{64}$/ });
  const point = /ends at (\S+)/.exec(sound.text)?.[1] ?? '';
  const file = path.join(t.testdir(), 'platform.ndjson');
  await writeFile(file, (await audit('export', '--platform')).file);
  t.match(await audit('verify', '--file', file), { code: 0, text: /9 events, unbroken/ });
  t.match(await audit('verify', '--file', file, '--platform'), { code: 0 });
  t.match(await audit('verify', '--platform', '--point', point), { code: 0 });

  await asSuperuser(database.superuserUrl, async (client) => {
    await client.query(`set session_replication_role = 'replica'`);
    await client.query(`delete from audit_events where seq = 9`);
    t.match(await audit('verify'), { code: 3, text: /PROBLEMS: 1.*\s+event 9: cut_off/ });
    await client.query(
      `update audit_heads set event_count = 8, last_hash = (select hash from audit_events where seq = 8)`,
    );
  });
  t.match(await audit('verify'), { code: 0 }, 'a chain that was made to fit itself');
  t.match(await audit('verify', '--platform', '--file', file), { code: 3, text: /event 9: cut_off/ });
  t.match(await audit('verify', '--platform', '--point', point), { code: 3, text: /event 9: cut_off/ });
  for (const wrong of [
    [],
    ['what'],
    ['verify', 'x'],
    ['verify', '--what'],
    ['export'],
    ['verify', '--point', point],
    ['verify', '--platform', '--point', 'x'],
    ['verify', '--tenant', 'nobody'],
  ]) {
    await t.rejects(audit(...wrong), { name: 'UsageError' }, wrong.join(' '));
  }
});
