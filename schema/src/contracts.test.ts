import { check } from 'recheck';
import t from 'tap';
import type { TSchema } from 'typebox';
import { type Contract, type ContractTree, listContracts, takesIdempotencyKey } from './contract.js';
import { controlContracts } from './contracts/control/index.js';
import { dataContracts } from './contracts/data/index.js';
import { controlInternalContracts, dataInternalContracts } from './contracts/internal/index.js';
import { platformContracts } from './contracts/platform/index.js';
import { resetEventType } from './contracts/shapes.js';
import { errors } from './errors.js';
import { permissions } from './permissions.js';

const publicTrees: ContractTree[] = [controlContracts, platformContracts, dataContracts];
const trees: ContractTree[] = [...publicTrees, controlInternalContracts, dataInternalContracts];
/** Each once: what several listeners serve alike is one object. */
const all = [...new Set(trees.flatMap(listContracts))];

interface Node {
  readonly where: string;
  readonly schema: Record<string, unknown>;
}

/** Every schema inside a schema. */
function* walk(schema: unknown, where: string): Generator<Node> {
  if (schema === null || typeof schema !== 'object') return;
  if (Array.isArray(schema)) {
    for (const [i, inner] of schema.entries()) yield* walk(inner, `${where}/${i}`);
    return;
  }
  const node = schema as Record<string, unknown>;
  yield { where, schema: node };
  for (const key of ['items', 'anyOf', 'allOf', 'additionalProperties']) yield* walk(node[key], `${where}/${key}`);
  for (const key of ['properties', 'patternProperties']) {
    for (const [name, inner] of Object.entries((node[key] ?? {}) as object)) yield* walk(inner, `${where}/${name}`);
  }
}

const inputsOf = (contract: Contract): Node[] =>
  (['params', 'query', 'body'] as const).flatMap((part) => [...walk(contract[part], `${contract.name} ${part}`)]);
const outputsOf = (contract: Contract): Node[] => [...walk(contract.response, `${contract.name} response`)];

/** Where a contract stands in its tree. */
function* paths(tree: ContractTree, prefix: string[] = []): Generator<[string, Contract]> {
  for (const [key, node] of Object.entries(tree)) {
    if ('path' in node) yield [[...prefix, key].join('.'), node as Contract];
    else yield* paths(node, [...prefix, key]);
  }
}

t.test('a contract is named as it is reached', async (t) => {
  for (const [path, contract] of publicTrees.flatMap((tree) => [...paths(tree)])) t.equal(contract.name, path);
  t.equal(new Set(all.map(({ name }) => name)).size, all.length, 'no name twice');
  const routes = all.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
  t.equal(new Set(routes).size, routes.length, 'no route twice');
});

t.test('params, query and body can be given as one flat object', async (t) => {
  for (const contract of all) {
    const keys = (['params', 'query', 'body'] as const).flatMap((part) => propertiesOf(contract[part]));
    t.equal(new Set(keys).size, keys.length, contract.name);
    const inPath = [...contract.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    t.same(propertiesOf(contract.params), inPath, `${contract.name}: params are those of the path`);
  }
});

const propertiesOf = (schema: TSchema | undefined): string[] =>
  Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});

t.test('method, status and shapes go together', async (t) => {
  for (const contract of all) {
    if (contract.method === 'GET') t.notOk(contract.body, `${contract.name}: a GET has no body`);
    t.equal(contract.status === 204, contract.response === undefined, `${contract.name}: 204 means no body`);
    if (contract.navigable) t.equal(contract.method, 'GET', `${contract.name}: only a GET is navigated to`);
    if (contract.versioned)
      t.ok(propertiesOf(contract.response).includes('version'), `${contract.name}: has a version`);
    if (contract.paged) {
      // Beside them, what its items are of may be said.
      t.match(propertiesOf(contract.response), /\bitems\b.*\bnext_cursor\b/, `${contract.name}: a page`);
      t.match(propertiesOf(contract.query), /limit,cursor/, `${contract.name}: limit and cursor`);
    }
    if (contract.events) {
      const { method, navigable, mediaType } = contract;
      t.match({ method, navigable, mediaType }, { method: 'GET', navigable: true, mediaType: 'text/event-stream' });
      t.ok(propertiesOf(contract.query).includes('last_event_id'), `${contract.name}: a page can resume`);
      t.notOk(Object.hasOwn(contract.events, resetEventType), `${contract.name}: every stream has it`);
    } else t.not(contract.mediaType, 'text/event-stream', `${contract.name}: says what its events are`);
    if (contract.idempotency) t.equal(contract.method, 'POST', `${contract.name}: only a POST is exempt`);
    if (contract.upload) {
      t.equal(contract.idempotency, 'exempt', `${contract.name}: no upload is kept for its repeat`);
      t.ok(contract.upload.maxBytes > 0, `${contract.name}: an upload has a limit`);
      if (contract.upload.mediaType === 'text/csv') t.notOk(contract.body, `${contract.name}: the file is the body`);
      for (const name of ['file', 'file_name', 'media_type', 'gzip'])
        t.notOk(propertiesOf(contract.body).includes(name), `${contract.name}: ${name} comes with the file`);
    }
    if (takesIdempotencyKey(contract)) t.not(contract.access, 'public', `${contract.name}: a key needs a principal`);
  }
});

t.test('what comes in is closed and bounded', async (t) => {
  for (const { where, schema } of all.flatMap(inputsOf)) {
    if (schema['type'] === 'object' && schema['patternProperties'] === undefined) {
      t.equal(schema['additionalProperties'], false, `${where}: unknown fields are refused`);
    }
    if (schema['type'] === 'object' && schema['patternProperties'] !== undefined) {
      t.type(schema['maxProperties'], 'number', `${where}: a bounded record`);
    }
    if (schema['type'] === 'array') t.type(schema['maxItems'], 'number', `${where}: a bounded list`);
    if (schema['type'] === 'string' && schema['const'] === undefined && schema['format'] !== 'date') {
      t.ok(typeof schema['maxLength'] === 'number' || isBounded(schema['pattern']), `${where}: a bounded text`);
    }
    if (schema['type'] === 'integer') t.type(schema['maximum'], 'number', `${where}: a bounded number`);
    // A place on a picture is no amount.
    const isPlace = where.startsWith('erp.mockups.create body/placement/') && typeof schema['maximum'] === 'number';
    // Nor is what a machine measures.
    const isMeasured = /^(internal\.)?(telemetry|productionRuns)/.test(where);
    t.ok(schema['type'] !== 'number' || isPlace || isMeasured, `${where}: no float`);
  }
});

/** Anchored at both ends, without an open repetition. */
const isBounded = (pattern: unknown): boolean =>
  typeof pattern === 'string' && /^\^.*\$$/.test(pattern) && !/[^\\][*+]|\{\d+,\}/.test(pattern);

t.test('what is kept of a request for its repeat tells no password: a fast hash of one can be guessed', async (t) => {
  for (const contract of all.filter(takesIdempotencyKey)) {
    const secrets = [...walk(contract.body, '')].filter(({ where }) =>
      /\/(\w*password|totp|token|secret)$/.test(where),
    );
    t.same(secrets, [], contract.name);
  }
});

t.test('every pattern is linear', async (t) => {
  const patterns = new Set<string>();
  for (const { schema } of all.flatMap((contract) => [...inputsOf(contract), ...outputsOf(contract)])) {
    if (typeof schema['pattern'] === 'string') patterns.add(schema['pattern']);
    for (const key of Object.keys((schema['patternProperties'] ?? {}) as object)) patterns.add(key);
  }
  t.ok(patterns.size > 5);
  for (const pattern of patterns) {
    const result = await check(pattern, 'u');
    const complexity = result.status === 'safe' ? result.complexity.type : 'unknown';
    t.match({ status: result.status, complexity }, { status: 'safe', complexity: /^(linear|safe)$/ }, pattern);
  }
  t.equal((await check('^(a+)+$', 'u')).status, 'vulnerable', 'the check can fail');
});

t.test('permissions', async (t) => {
  const bits = Object.values(permissions).map(({ bit }) => bit);
  t.equal(new Set(bits).size, bits.length, 'a bit is given once');
  for (const code of Object.keys(permissions)) t.match(code, /^[a-z]+\.[a-z_]+\.[a-z_]+$/);
  const guarded = new Set(
    all.flatMap(({ access, consults = [] }) => [
      ...(typeof access === 'object' && 'permission' in access ? [access.permission] : []),
      ...consults,
    ]),
  );
  for (const code of Object.keys(permissions))
    t.ok(guarded.has(code as keyof typeof permissions), `${code} guards something`);
});

t.test('errors are lower case words with a status of the table', async (t) => {
  for (const [code, { status, title }] of Object.entries(errors)) {
    t.match(code, /^[a-z]+(_[a-z]+)*$/);
    t.ok([400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 416, 422, 429, 500, 503].includes(status), code);
    t.notMatch(title, /\.$/);
  }
});
