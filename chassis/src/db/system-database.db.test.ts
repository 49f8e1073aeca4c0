import { EventEmitter, once } from 'node:events';
import { test } from 'tap';
import { testDatabase } from '../testkit/database.js';
import { asSuperuser } from '../testkit/database-templates.js';
import { patient } from '../testkit/patient.js';
import { statement } from './statement.js';
import { systemDatabase } from './system-database.js';

const who = statement<{ who: string }>('system.who', 'select current_user as who');
const notify = statement<never>('system.notify', `select pg_notify('test_channel', $1)`);

test('the system role: statements, transactions, notifications that survive a lost connection', async (t) => {
  const { systemUrl, superuserUrl } = await testDatabase(t, 'empty');
  const db = systemDatabase({ name: 'test', url: systemUrl, poolSize: 2, ...patient });
  t.teardown(() => db.close());
  t.same(await db.query(who), [{ who: 'platen_system' }]);
  t.equal(await db.transaction(async (tx) => (await tx.query(who))[0]?.who), 'platen_system');

  const events = new EventEmitter();
  let connected = 0;
  const listening = await db.listen(
    'test_channel',
    (payload) => events.emit('notify', payload),
    () => {
      connected += 1;
      events.emit('listening');
    },
  );
  const heard = once(events, 'notify');
  await db.query(notify, ['first']);
  t.same(await heard, ['first']);

  const again = once(events, 'listening');
  await asSuperuser(superuserUrl, (client) =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'platen test listen' and datname = current_database()`,
    ),
  );
  await again;
  t.equal(connected, 2);
  const heardAgain = once(events, 'notify');
  await db.transaction(async (tx) => tx.defer(notify, ['second']));
  t.same(await heardAgain, ['second']);
  await listening.stop();
});
