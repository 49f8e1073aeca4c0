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
  const send = (document['paths'] as Record<string, { post: { responses: Record<string, { $ref: string }> } }>)[
    '/api/erp/quotes/{id}/send'
  ]?.post.responses;
  const at = (status: number) => {
    const name = send?.[status]?.$ref.replace('#/components/responses/', '') ?? '';
    return (document['components'] as { responses: Record<string, unknown> }).responses[name];
  };
  const codes = (...names: string[]) => ({
    content: { 'application/problem+json': { schema: { allOf: [{}, { properties: { code: { enum: names } } }] } } },
  });
  t.match(at(404), codes('not_found', 'route_not_found', 'tenant_not_found'));
  t.match(at(422), codes('customer_email_missing', 'idempotency_key_reused', 'quote_expired'));
  const shared = new Set(everyContract.map(({ path }) => path)).size;
  t.ok(Object.keys((document['components'] as { responses: object }).responses).length < shared, 'each list once');
});

t.test('files, lines and bytes are told as such', (t) => {
  const document = openApiDocument({ title: 'Test', description: '', contracts: everyContract, production: true });
  const paths = document['paths'] as Record<string, object>;
  t.match(paths['/api/erp/files'], {
    post: { requestBody: { content: { 'multipart/form-data': { schema: { required: ['file'] } } } } },
  });
  const lines = paths['/api/erp/catalog/import'] as {
    post: { responses: { 200: { content: { 'application/x-ndjson': { example: string } } } } };
  };
  const example = lines.post.responses[200].content['application/x-ndjson'].example;
  t.same(
    example
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
    ['header', 'progress', 'refused', 'summary', 'failed'],
  );
  t.match(lines, {
    post: {
      parameters: [{ name: 'dry_run', description: /./, schema: { type: 'boolean', description: undefined } }],
      requestBody: { content: { 'text/csv': { example: /^style,.*\n/ } } },
    },
  });
  t.match(paths['/api/erp/quotes/{id}/pdf'], {
    get: { responses: { 200: { content: { 'application/pdf': { schema: { type: undefined } } } } } },
  });
  t.notMatch(JSON.stringify(paths), /\{"enum":\["/, 'a choice of texts has a type');
  t.end();
});
