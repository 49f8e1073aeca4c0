import { faultsOfProblem } from '@platen/chassis/testkit/problem-document';
import { requestOf } from '@platen/chassis/testkit/security-table';
import { dataInternalContracts } from '@platen/schema/contracts/internal/index';
import t from 'tap';
import { otherSamples } from './samples.js';
import { checkOpenApi, runSecurityTable } from './security-run.js';
import { sharedPlatform } from './shared-platform.js';
import { acmePromo, globex, globexMain, harbor } from './world.js';

const table = await runSecurityTable(await sharedPlatform(t, 'attacked'), ['data', 'controlInternal', 'dataInternal']);

t.test('every contract is in its OpenAPI document', (t) => checkOpenApi(t, table, 'data', 'data'));

t.test('a service cannot read a tenant’s quote or order under another tenant or organization', async (t) => {
  const { quoteMail, orderMail } = dataInternalContracts;
  const { forger, service, hosts } = await table.world('dataInternal');
  const makers = await table.makers('dataInternal');
  for (const contract of [quoteMail.get, orderMail.get]) {
    const sample = await otherSamples[contract.name](makers);
    for (const change of [
      { params: { ...sample.params, tenant_id: globex.id }, query: { organization_id: globexMain.id } },
      { params: { ...sample.params, tenant_id: globex.id } },
      { query: { organization_id: acmePromo.id } },
      { query: { ...sample.query, workspace_id: harbor.id } },
    ]) {
      const request = requestOf(contract, { ...sample, ...change }, hosts.internal, forger.sign(service));
      t.same(faultsOfProblem(await table.platform.dataInternal(request), 'not_found'), []);
    }
  }
});
