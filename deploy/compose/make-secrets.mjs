// `npm run compose:secrets`: writes deploy/compose/.env, readable by you alone, with a new secret wherever one is needed. What an
// earlier .env has stays: run it again for another option. See `.env.example` for what each line is.
//   npm run compose:secrets -- --base-domain shops.example.com --files-host files.example.com --tls-dir /etc/platen/tls [--two]
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usage =
  'Usage: npm run compose:secrets -- --base-domain <domain> --files-host <host> --tls-dir <folder> [--two] [--out <file>]';
const options = {
  'base-domain': { type: 'string' },
  'files-host': { type: 'string' },
  'tls-dir': { type: 'string' },
  two: { type: 'boolean' },
  out: { type: 'string', default: fileURLToPath(new URL('./.env', import.meta.url)) },
};

/** Letters and digits: they go into addresses. */
const password = () => randomBytes(24).toString('hex');
const key = () => randomBytes(32).toString('base64');
const made = {
  POSTGRES_PASSWORD: password,
  OWNER_PASSWORD: password,
  CONTROL_TENANT_PASSWORD: password,
  CONTROL_PLATFORM_PASSWORD: password,
  APP_PASSWORD: password,
  SYSTEM_PASSWORD: password,
  REDIS_PASSWORD: password,
  S3_ACCESS_KEY_ID: () => randomBytes(10).toString('hex'),
  S3_SECRET_ACCESS_KEY: password,
  KEY_ENCRYPTION_KEY: key,
  CURSOR_SECRET: key,
  QUOTE_LINK_SECRET: key,
  DN_CREDENTIALS_KEY: key,
  DATA_PLANE_SECRET: password,
  ERP_WORKER_SECRET: password,
  TELEMETRY_WORKER_SECRET: password,
};

const lineOf = /^([A-Z][A-Z0-9_]*)=(?:'(.*)'|(.*))$/;

function readLines(file) {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    const matches = lines.map((line) => lineOf.exec(line)).filter((match) => match !== null);
    return Object.fromEntries(matches.map(([, name, quoted, plain]) => [name, quoted ?? plain]));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** ERP databases by server; telemetry is beside them. */
function catalogues({ OWNER_PASSWORD, APP_PASSWORD, SYSTEM_PASSWORD }, two) {
  const places = {
    'erp-1': ['postgres', 'platen_erp_1', 'erp'],
    ...(two && { 'erp-2': ['postgres-2', 'platen_erp_2', 'erp'] }),
    'telemetry-1': ['timescaledb', 'platen_telemetry_1', 'telemetry'],
  };
  const each = (entry) =>
    JSON.stringify(Object.fromEntries(Object.entries(places).map(([name, place]) => [name, entry(place)])));
  const url = (role, secret, [host, database]) => `postgres://${role}:${secret}@${host}:5432/${database}`;
  return {
    DATA_DB_CATALOG: each((place) => ({
      url: url('platen_app', APP_PASSWORD, place),
      system_url: url('platen_system', SYSTEM_PASSWORD, place),
      pool_size: 10,
      kind: place[2],
    })),
    MIGRATE_DB_CATALOG: each((place) => ({ url: url('platen_owner', OWNER_PASSWORD, place), kind: place[2] })),
  };
}

function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(2);
}

function main() {
  const { values: given } = parseArgs({ options });
  const before = readLines(given.out);
  const chosen = {
    BASE_DOMAIN: given['base-domain'] ?? before.BASE_DOMAIN,
    FILES_HOST: given['files-host'] ?? before.FILES_HOST,
    TLS_DIR: given['tls-dir'] ?? before.TLS_DIR,
  };
  if (Object.values(chosen).some((value) => !value)) fail(usage);
  for (const value of Object.values(chosen)) if (/[\s'"$\\]/.test(value)) fail(`${value}: no spaces, quotes, $ or \\`);
  const two = given.two ?? before.COMPOSE_PROFILES === 'two';
  const secrets = Object.fromEntries(Object.entries(made).map(([name, make]) => [name, before[name] || make()]));
  const planes = two ? ['172.30.240.21', '172.30.240.22'] : ['172.30.240.21'];
  const lines = {
    ...before,
    ...chosen,
    COMPOSE_PROFILES: two ? 'two' : '',
    // Of two each once more, as docs/proxy.md says: where both are taken for dead, they are asked all the same.
    PROXY_DATA_SERVERS: ['max_fails=1 fail_timeout=2s', ...(two ? ['max_fails=0 backup'] : [])]
      .flatMap((how) => planes.map((host) => `server ${host}:4001 ${how};`))
      .join(' '),
    ...secrets,
    ...catalogues(secrets, two),
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}='${value}'\n`);
  // In whole or not at all, and never readable by others.
  writeFileSync(`${given.out}.new`, text.join(''), { mode: 0o600 });
  renameSync(`${given.out}.new`, given.out);
  process.stdout.write(
    `${given.out}: ${Object.keys(lines).length} lines. Keep a copy of KEY_ENCRYPTION_KEY and DN_CREDENTIALS_KEY elsewhere.\n`,
  );
}

try {
  main();
} catch (error) {
  fail(error.code?.startsWith('ERR_PARSE_ARGS') ? `${error.message}\n${usage}` : error.message);
}
