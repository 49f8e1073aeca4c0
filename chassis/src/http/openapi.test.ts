import { listContracts } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import t from 'tap';
import { openApiDocument } from './openapi.js';

t.test('every contract appears with its access, its input and its errors', async (t) => {
  const contracts = [...listContracts(controlContracts), ...listContracts(dataContracts)];
  const document = openApiDocument({ title: 'Test', version: '1', contracts });
  t.equal(document['openapi'], '3.1.0');
  const paths = document['paths'] as Record<string, Record<string, Record<string, unknown>>>;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  t.equal(operations.length, contracts.length);
  for (const operation of operations) {
    const responses = operation['responses'] as Record<string, unknown>;
    t.ok(
      Object.keys(responses).some((status) => status.startsWith('2')),
      String(operation['operationId']),
    );
    t.ok('500' in responses);
  }
  const login = paths['/api/auth/login']?.['post'];
  t.same(login?.['security'], []);
  t.match(login, { requestBody: { content: { 'application/json': { schema: { required: ['email', 'password'] } } } } });
  const remove = paths['/api/admin/user-roles/{id}']?.['delete'];
  t.match(remove, {
    'x-permission': 'admin.user_role.delete',
    parameters: [{ name: 'id', in: 'path', required: true }],
  });
  t.equal(JSON.stringify(document).includes('~kind'), false, "nothing of the schema library's own");
});
