import { readFileSync, writeFileSync } from 'node:fs';
import { type Contract, type ContractTree, takesIdempotencyKey } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { controlInternalContracts, dataInternalContracts } from '@platen/schema/contracts/internal/index';
import { platformContracts } from '@platen/schema/contracts/platform/index';

/**
 * Writes the tables of methods and paths in `src/generated`, or with `--check` says which are stale.
 * They are all that the SDK knows of the contracts at run time.
 */
const tables = [
  { file: 'control-routes', name: 'controlRoutes', prefix: '', tree: controlContracts },
  { file: 'platform-routes', name: 'platformRoutes', prefix: '', tree: platformContracts },
  { file: 'data-routes', name: 'dataRoutes', prefix: '', tree: dataContracts },
  {
    file: 'control-internal-routes',
    name: 'controlInternalRoutes',
    prefix: 'internal.',
    tree: controlInternalContracts,
  },
  { file: 'data-internal-routes', name: 'dataInternalRoutes', prefix: 'internal.', tree: dataInternalContracts },
] as const;

const isContract = (node: Contract | ContractTree): node is Contract => typeof node['path'] === 'string';

/** The names of a schema's fields; refuses what a flat input cannot be split into. */
function fieldsOf(contract: Contract, part: 'params' | 'query' | 'body'): string[] {
  const schema: unknown = contract[part];
  if (schema === undefined) return [];
  if (typeof schema === 'object' && schema !== null && 'properties' in schema)
    return Object.keys(schema.properties ?? {});
  throw new Error(`${contract.name}: the SDK takes its input as one flat object, so its ${part} must be an object`);
}

function assertFlat(contract: Contract): void {
  const all = (['params', 'query', 'body'] as const).flatMap((part) => fieldsOf(contract, part));
  const twice = all.find((field, index) => all.indexOf(field) !== index);
  if (twice) throw new Error(`${contract.name}: '${twice}' is in two of params, query and body`);
  if (contract.query && contract.body && !isJsonUpload(contract))
    throw new Error(`${contract.name}: the SDK sends a query or a body, not both`);
  const inPath = [...contract.path.matchAll(/:(\w+)/g)].map((match) => match[1]);
  if (inPath.join() !== fieldsOf(contract, 'params').join())
    throw new Error(`${contract.name}: params and path differ`);
}

/** Its query is for what is sent in place of the JSON. */
const isJsonUpload = ({ upload }: Contract): boolean => upload?.mediaType === 'application/json';

/** Called by who is not signed in. */
const openAccesses = new Set<unknown>(['public', 'platform_public', 'client_credentials']);

const ndjson = 'application/x-ndjson';

function routeText(contract: Contract): string {
  assertFlat(contract);
  const flags = {
    a: openAccesses.has(contract.access),
    b: contract.body !== undefined && !isJsonUpload(contract),
    c: contract.upload !== undefined && contract.upload.mediaType !== 'multipart/form-data' && !isJsonUpload(contract),
    d: contract.mediaType !== undefined && contract.mediaType !== ndjson && !contract.events,
    e: contract.events !== undefined,
    f: contract.upload?.mediaType === 'multipart/form-data',
    j: isJsonUpload(contract),
    k: takesIdempotencyKey(contract),
    n: contract.mediaType === ndjson,
    o: contract.upload?.mediaType === 'application/octet-stream',
    p: contract.paged === true,
    s: (contract.mediaType !== undefined && !contract.events) || contract.upload !== undefined,
    v: contract.versioned === true,
    w: fieldsOf(contract, 'query').includes('wait_seconds'),
  };
  const set = Object.entries(flags).flatMap(([flag, on]) => (on ? [flag] : []));
  const ends = contract.ends === undefined ? '' : ` ${contract.ends.join()}`;
  return `${contract.method} ${contract.path} ${set.join('')}${ends}`;
}

function render(tree: ContractTree, prefix: string, indent: string): string {
  const lines = Object.entries(tree).map(([key, node]) => {
    if (!isContract(node)) return `${indent}${key}: {\n${render(node, `${prefix}${key}.`, `${indent}  `)}${indent}},\n`;
    // The SDK's path and the contract's name are one thing: errors and documents speak of it.
    if (node.name !== prefix + key) throw new Error(`${node.name} stands at ${prefix + key}`);
    return `${indent}${key}: '${routeText(node)}',\n`;
  });
  return lines.join('');
}

const roots = [...Object.keys(controlContracts), ...Object.keys(dataContracts)];
if (new Set(roots).size !== roots.length) throw new Error('Two planes have contracts under one first name');

const check = process.argv.includes('--check');
const stale = tables.filter(({ file, name, prefix, tree }) => {
  const path = new URL(`../src/generated/${file}.ts`, import.meta.url);
  const text = `// Generated from the contracts by \`npm run generate -w @platen/sdk\`.\nexport const ${name} = {\n${render(tree, prefix, '  ')}} as const;\n`;
  if (readIfThere(path) === text) return false;
  if (!check) writeFileSync(path, text);
  return true;
});

for (const { file } of stale) console.log(`sdk/src/generated/${file}.ts ${check ? 'is stale' : 'written'}`);
if (stale.length === 0) console.log('The SDK table is fresh');
else if (check) {
  console.log('Run: npm run generate -w @platen/sdk');
  process.exitCode = 1;
}

function readIfThere(path: URL): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
