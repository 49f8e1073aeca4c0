import { randomUUID } from 'node:crypto';
import { faultsOfProblem } from '@platen/chassis/testkit/problem-document';
import { requestOf } from '@platen/chassis/testkit/security-table';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { roles } from '@platen/schema/seeds/identities';
import t from 'tap';
import { differenceOf, fingerprintOf } from './fingerprint.js';
import { userRoleId } from './samples.js';
import { checkOpenApi, runSecurityTable, withoutTrace } from './security-run.js';
import { sharedPlatform } from './shared-platform.js';
import { acme, acmePrint, globex, globexMain } from './world.js';

const table = await runSecurityTable(await sharedPlatform(t, 'attacked'), ['control']);
const { platform } = table;
const { control } = platform;

t.test('every contract is in its OpenAPI document', (t) => checkOpenApi(t, table, 'control', 'control'));

t.test('administration: rows of another tenant are as if they did not exist', async (t) => {
  const { userRoles } = controlContracts.admin;
  const { forger, user, hosts } = await table.world('control');
  const token = forger.sign(user);
  const theirs = await userRoleId(platform, globex.users[0].id);
  const before = await fingerprintOf(platform.databases.control);
  const gone = await control(requestOf(userRoles.delete, { params: { id: theirs } }, hosts.own, token));
  const none = await control(requestOf(userRoles.delete, { params: { id: randomUUID() } }, hosts.own, token));
  t.same(faultsOfProblem(gone, 'not_found'), []);
  t.equal(withoutTrace(gone), withoutTrace(none));
  for (const change of [{ user_id: globex.users[0].id }, { organization_id: globexMain.id }]) {
    const body = {
      user_id: acme.users[1].id,
      role_id: roles.sales.id,
      scope: 'organization',
      organization_id: acmePrint.id,
    };
    const refused = await control(requestOf(userRoles.create, { body: { ...body, ...change } }, hosts.own, token));
    t.same(faultsOfProblem(refused, 'unknown_reference'), [], Object.keys(change).join());
  }
  t.same(differenceOf(before, await fingerprintOf(platform.databases.control)), [], 'nothing was written');
});
