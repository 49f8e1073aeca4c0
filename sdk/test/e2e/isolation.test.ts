import { dataContracts } from '@platen/schema/contracts/data/index';
import t from 'tap';
import { differenceOf, fingerprintOf } from './fingerprint.js';
import { ask } from './isolation-planes.js';
import { runIsolationTable, strangers } from './isolation-table.js';

// What is not telemetry's, which has a file of its own: the two run beside each other.
const { planes, make, acmeDatabase, globexDatabase } = await runIsolationTable(
  t,
  ({ name }) => !name.startsWith('telemetry.'),
);

t.test('a write that refers to nothing lands with the tenant that wrote it', async (t) => {
  const { create } = dataContracts.erp.customers;
  const count = () => Promise.all([fingerprintOf(acmeDatabase), fingerprintOf(globexDatabase)]);
  const [acmeBefore, globexBefore] = await count();
  t.equal((await ask(planes.router, create, await make(create), strangers.ids)).status, 201);
  const [acmeAfter, globexAfter] = await count();
  t.same(differenceOf(acmeBefore, acmeAfter), [], 'the router alone: nothing in the other database');
  t.not(globexBefore, globexAfter, 'but in its own');
  t.equal((await ask(planes.none, create, await make(create), strangers.ids)).status, 201);
  t.not(acmeAfter, await fingerprintOf(acmeDatabase), 'without the router it goes to the other database');
  t.equal(
    (await ask(planes.none, create, await make(create), strangers.host)).status,
    201,
    'without the host rule it is taken',
  );
});
