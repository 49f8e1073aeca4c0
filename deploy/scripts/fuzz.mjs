// `npm run fuzz`: schemathesis over the OpenAPI documents of both planes, started on databases of its own.
//
//   npm run fuzz                                       some 14,000 cases
//   npm run fuzz -- --phases fuzzing --examples 3 --seed 1      what CI does
//   npm run fuzz -- --seed 7 --only data --include erp.quotes
//   REQUIRE_SERVICES=schemathesis     without Python the run fails instead of being skipped
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, fail, requireNode, root, step } from './prepare.mjs';

const version = '4.32.5';
const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    phases: { type: 'string', default: 'examples,coverage,fuzzing' },
    only: { type: 'string' },
    include: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write('npm run fuzz [-- --examples 10 --seed <n> --phases <names> --only data --include <word>]\n');
  process.exit();
}

requireNode();
const program = await step('schemathesis', findSchemathesis);
if (program === undefined) {
  if ((process.env.REQUIRE_SERVICES ?? '').includes('schemathesis')) fail('schemathesis is required and not there');
  process.stdout.write('skipped: schemathesis (no Python 3.10 or newer that can install it)\n');
  process.exit(0);
}
await step('packages', ensureInstalled);
await step('build', ensureBuilt);
const { startFuzzedPlanes } = await import(pathToFileURL(`${root}sdk/test/dist/fuzzed-planes.js`).href);
const planes = await step('planes', startFuzzedPlanes);

let failed = false;
try {
  process.stdout.write(`seed ${values.seed}, ${values.examples} examples for each endpoint\n`);
  for (const target of planes.targets) {
    if (values.only !== undefined && values.only !== target.name) continue;
    process.stdout.write(`\n${target.name}: ${target.url}${target.document}\n`);
    failed = !(await runSchemathesis(target)) || failed;
  }
} finally {
  await planes.stop();
}
process.exit(failed ? 1 : 0);

/** In a folder of its own, kept between runs. Undefined where it cannot be installed. */
function findSchemathesis() {
  const folder = `${root}.platen/schemathesis-${version}`;
  const installed = `${folder}/bin/schemathesis`;
  if (existsSync(installed)) return installed;
  const python = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3'].find(
    (name) => spawnSync(name, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))']).status === 0,
  );
  if (python === undefined) return undefined;
  const steps = [
    [python, '-m', 'venv', folder],
    [`${folder}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${version}`],
  ];
  for (const [command, ...args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) {
      process.stdout.write(`${stderr ?? ''}\n`);
      return undefined;
    }
  }
  return installed;
}

/** Streams what it prints; true when it found nothing. */
function runSchemathesis({ url, document, signIn, ids, exclude }) {
  const args = [
    `--config-file=${root}sdk/test/fuzz/schemathesis.toml`,
    'run',
    `${url}${document}`,
    `--url=${url}`,
    `--phases=${values.phases}`,
    '--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,missing_required_header,ignored_auth',
    `--max-examples=${values.examples}`,
    `--seed=${values.seed}`,
    '--continue-on-failure',
    '--no-shrink',
    '--no-color',
    '--suppress-health-check=all',
    '--warnings=off',
    '--generation-database=none',
    '--request-timeout=30',
    ...(values.include === undefined ? [] : [`--include-operation-id-regex=${values.include}`]),
    ...exclude.map((operation) => `--exclude-operation-id=${operation}`),
  ];
  const child = spawn(program, args, {
    cwd: `${root}sdk/test/fuzz`,
    env: {
      ...process.env,
      SCHEMATHESIS_HOOKS: 'hooks',
      PYTHONPATH: `${root}sdk/test/fuzz`,
      PYTHONDONTWRITEBYTECODE: '1',
      PLATEN_FUZZ: JSON.stringify({ sign_in: signIn, ids }),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0)));
}
