import t from 'tap';
import { idempotencySweep } from '../http/idempotency-sweep.js';
import { testDatabase } from '../testkit/database.js';
import { asSuperuser } from '../testkit/database-templates.js';
import { recordLog } from '../testkit/http.js';
import { patient } from '../testkit/patient.js';
import { statement } from './statement.js';
import { runSweeps, sweepBatch } from './sweeps.js';
import { systemDatabase } from './system-database.js';

const hold = statement<{ locked: boolean }>(
  'test.sweeps.hold',
  `select pg_try_advisory_xact_lock(hashtextextended('platen.sweeps', 0)) as locked`,
  { parse: { locked: 'bool' } },
);

for (const kind of ['erp', 'control'] as const) {
  t.test(`${kind}: keys that ran out go, in batches; while another instance sweeps, none do`, async (t) => {
    const urls = await testDatabase(t, kind);
    const url = kind === 'erp' ? urls.systemUrl : urls.platformUrl;
    const db = systemDatabase({ name: `sweeps-${kind}`, url, poolSize: 2, ...patient });
    t.teardown(() => db.close());
    await asSuperuser(urls.superuserUrl, (client) =>
      client.query(
        `insert into idempotency_keys (tenant_id, principal_id, route, key, request_hash, status, expires_at)
         select gen_random_uuid(), gen_random_uuid(), 'test', n::text, '', 204,
           now() + case when n <= 3 then interval '1 minute' else interval '-1 second' end
         from generate_series(1, $1::int) n`,
        [3 + sweepBatch + 7],
      ),
    );
    const { log } = recordLog();
    const sweep = async () => (await runSweeps(db, [idempotencySweep], log)).get(idempotencySweep.name);
    await db.transaction(async (tx) => {
      t.match(await tx.query(hold), [{ locked: true }]);
      t.equal(await sweep(), 0);
    });
    t.equal(await sweep(), sweepBatch + 7);
    t.equal(await sweep(), 0, 'keys that still answer stay');
  });
}

t.test('a sweep that fails leaves the others to their work', async (t) => {
  const urls = await testDatabase(t, 'erp');
  const db = systemDatabase({ name: 'sweeps-failing', url: urls.systemUrl, poolSize: 2, ...patient });
  t.teardown(() => db.close());
  const failing = { name: 'failing', deleteSome: () => Promise.reject(new Error('no')) };
  const deleted = await runSweeps(db, [failing, idempotencySweep], recordLog().log);
  t.same([...deleted], [[idempotencySweep.name, 0]]);
});
