import t from 'tap';
import { decoyHash, hashParameters, needsRehash } from './password-hash.js';
import { createPasswordPool } from './password-pool.js';

t.test('the parameters of a hash are read from it', async (t) => {
  t.equal(needsRehash(decoyHash(hashParameters), hashParameters), false);
  t.equal(needsRehash(decoyHash({ ...hashParameters, passes: 1 }), hashParameters), true);
  t.equal(needsRehash('$2b$10$abcdefghijklmnopqrstuv', hashParameters), true);
});

t.test('passwords', async (t) => {
  const pool = createPasswordPool({ threads: 1, maxQueue: 8 });
  t.teardown(() => pool.close());
  const hash = await pool.hash('correct horse battery');
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  t.same(await pool.verify('correct horse battery', hash), { valid: true, outdated: false });
  t.same(await pool.verify('Correct horse battery', hash), { valid: false, outdated: false });
  t.same(await pool.verify('correct horse battery', null), { valid: false, outdated: false });
  const cheap = createPasswordPool({ threads: 1, maxQueue: 8, parameters: { ...hashParameters, memoryKib: 8192 } });
  t.teardown(() => cheap.close());
  t.same(
    await pool.verify('ﬁne print', await cheap.hash('fine print')),
    { valid: true, outdated: true },
    'compared as NFKC',
  );
});

t.test('a full queue refuses instead of waiting', async (t) => {
  const pool = createPasswordPool({ threads: 1, maxQueue: 1 });
  t.teardown(() => pool.close());
  const tries = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => pool.verify('some password', null)));
  const refused = tries.filter((result) => result.status === 'rejected');
  t.equal(refused.length, 4, 'one runs, one waits');
  for (const result of refused) t.match(result.reason, { code: 'sign_in_busy' });
});

t.test('the flood of one tenant refuses its own only, and lets others go first', async (t) => {
  const pool = createPasswordPool({ threads: 1, maxQueue: 32, parameters: { memoryKib: 64, passes: 1, lanes: 1 } });
  t.teardown(() => pool.close());
  const order: string[] = [];
  const attempt = (tenantId: string) =>
    pool.verify('some password', null, tenantId).then(
      () => order.push(tenantId),
      (error) => order.push(`${tenantId} ${error.code}`),
    );
  await Promise.all([...Array.from({ length: 40 }, () => attempt('flood')), attempt('quiet'), attempt('still')]);
  t.equal(order.filter((entry) => entry === 'flood sign_in_busy').length, 35, 'one ran, four could wait');
  const done = order.filter((entry) => !entry.endsWith('busy'));
  t.same(done.slice(0, 4).sort(), ['flood', 'flood', 'quiet', 'still'], 'each waits one turn of the others');
});

t.test('what waits when the pool closes is told', async (t) => {
  const pool = createPasswordPool({ threads: 1, maxQueue: 32 });
  const tries = Promise.allSettled([1, 2, 3].map(() => pool.verify('some password', null)));
  await pool.close();
  const [, ...waiting] = await tries;
  t.match(waiting, [{ reason: { code: 'draining' } }, { reason: { code: 'draining' } }]);
});
