import { listContracts } from '@platen/schema/contract';
import { groupOf, listGroups } from '@platen/schema/contract-groups';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { platformContracts } from '@platen/schema/contracts/platform/index';
import t from 'tap';
import { createChecker } from '../validation/checker.js';
import { openApiDocument } from './openapi.js';
import { exampleOf } from './openapi-example.js';

const everyContract = [controlContracts, platformContracts, dataContracts].flatMap((tree) => listContracts(tree));

t.test('every contract appears with its access, its input and its errors', async (t) => {
  const contracts = [...listContracts(controlContracts), ...listContracts(dataContracts)];
  const document = openApiDocument({ title: 'Test', description: '', contracts, production: true });
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
  t.match(remove?.['description'], /permission `admin\.user_role\.delete`/);
  t.equal(JSON.stringify(document).includes('~kind'), false, "nothing of the schema library's own");
});

t.test('the example of a body is one that the endpoint takes', async (t) => {
  for (const { name, body } of everyContract) {
    if (body === undefined) continue;
    const example = exampleOf(body);
    t.ok(createChecker(body).check(example), `${name}: ${JSON.stringify(example)}`);
  }
});

t.test('groups have a title and a description, and none shares another’s title', async (t) => {
  const groups = listGroups(everyContract.map(({ name }) => groupOf(name)));
  t.same(
    groups.filter(({ description }) => description === ''),
    [],
    'a line in contract-groups.ts for each',
  );
  t.equal(new Set(groups.map(({ title }) => title)).size, groups.length);
});

t.test('an answer names the codes that it can have', async (t) => {
  const document = openApiDocument({ title: 'Test', description: '', contracts: everyContract, production: true });
  t.match(document, {
    paths: {
      '/api/erp/quotes/{id}/send': {
        post: {
          responses: {
            404: {
              content: {
                'application/problem+json': {
                  schema: { allOf: [{}, { properties: { code: { enum: ['tenant_not_found', 'not_found'] } } }] },
                },
              },
            },
          },
        },
      },
    },
  });
});
