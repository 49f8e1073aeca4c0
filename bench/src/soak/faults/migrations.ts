import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrateDatabase } from '@platen/chassis/db/migrate';
import { migrationsFolder } from '@platen/schema/migrations';
import pg from 'pg';
import { type BenchPlatform, runSql, startBenchPlatform } from '../../environment/platform.js';
import type { Promised, Tried } from '../outcome.js';
import { readCatalogue } from './catalogue-of.js';
import type { Fault, FaultContext } from './fault.js';
import { during, isOk, slowestOf, tally, untilCalm } from './paced.js';
import { openShops } from './two-shops.js';

const kills = 10;
const atOnce = 5;
const kinds = ['control', 'erp', 'telemetry'] as const;
type Kind = (typeof kinds)[number];
/** For which a transaction that only reads stands in the way of the migration. */
const heldMs = 9_000;
const calmMs = 5_000;
/** The lock is waited for so long at most, and others wait behind it. */
const slowestMs = 4_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Databases that nobody has migrated yet, and the processes that do it. */
export const migrations: Fault = async (context) => {
  const platform = await startBenchPlatform({ profileDir: null, autovacuum: true });
  context.onStop(() => platform.stop());
  const [together, killed] = [await fiveAtOnce(platform), await killedHalfWay(platform, context)];
  const running = await whileServed(platform, context);
  return {
    promises: [...together.promises, ...killed.promises, ...running.promises],
    figures: [
      `${atOnce} at once of each plane: one worked; ${kills} killed half-way, each finished by the next; ${running.figures[0]}`,
      ...together.figures,
      ...killed.figures,
    ],
  };
};

async function fiveAtOnce(platform: BenchPlatform): Promise<Promised> {
  const databases = await freshDatabases(platform, 'together');
  const planes = ['control-plane', 'data-plane'] as const;
  const ended = await Promise.all(
    planes.flatMap((plane) => Array.from({ length: atOnce }, () => startMigration(plane, databases).ended)),
  );
  const broken = ended.filter(({ code }) => code !== 0).map(({ code, output }) => `exit code ${code}: ${output}`);
  // Each database says it of the one process that worked.
  const worked = ended.flatMap(({ output }) => [...output.matchAll(/^(\S+): applied/gm)].map(([, key]) => key));
  if (worked.toSorted().join() !== kinds.toSorted().join()) broken.push(`applied by more or less than one: ${worked}`);
  await dropAll(platform, databases);
  return { promises: [{ promise: 'of five migrations at once one works, and all end well', broken }], figures: [] };
}

async function killedHalfWay(platform: BenchPlatform, { random, say }: FaultContext): Promise<Promised> {
  const clean = await freshDatabases(platform, 'clean');
  const startedAtMs = performance.now();
  for (const plane of ['control-plane', 'data-plane'] as const) await startMigration(plane, clean).ended;
  const usualMs = (performance.now() - startedAtMs) / 2;
  const expected = await cataloguesOf(clean);
  const broken: string[] = [];
  let [cut, empty] = [0, 0];
  for (let nth = 0; nth < kills; nth += 1) {
    const databases = await freshDatabases(platform, `kill_${nth}`);
    const plane = nth % 2 === 0 ? ('data-plane' as const) : ('control-plane' as const);
    const migration = startMigration(plane, databases);
    await delay(usualMs * 0.3 + random(Math.round(usualMs * 0.6)));
    migration.kill();
    const { code } = await migration.ended;
    if (code === null) cut += 1;
    for (const kind of plane === 'control-plane' ? (['control'] as const) : (['erp', 'telemetry'] as const)) {
      const half = await readCatalogue(databases[kind].superuser);
      if (half.length === 0) empty += 1;
      else if (half.join('\n') !== expected[kind].join('\n')) broken.push(`${kind} ${nth}: half of it is there`);
    }
    for (const other of ['control-plane', 'data-plane'] as const) {
      const again = await startMigration(other, databases).ended;
      if (again.code !== 0) broken.push(`the run after kill ${nth} of ${plane}: ${again.output}`);
    }
    const found = await cataloguesOf(databases);
    for (const kind of kinds)
      if (found[kind].join('\n') !== expected[kind].join('\n')) broken.push(`${kind} ${nth}: not as a clean one`);
    await dropAll(platform, databases);
  }
  say(`${cut} of ${kills} killed before they had ended`);
  await dropAll(platform, clean);
  if (cut < kills / 2) broken.push(`only ${cut} of ${kills} were killed before their end: nothing was tried`);
  return {
    promises: [{ promise: 'killed half-way nothing is half there, and the next run makes it as a clean one', broken }],
    figures: [
      `a run of both takes ${(usualMs * 2).toFixed(0)} ms; ${cut} killed before their end, ${empty} databases as empty as before`,
    ],
  };
}

/** One migration more, with what is being used in the way of it, under the services as they are. */
async function whileServed(platform: BenchPlatform, { say }: FaultContext): Promise<Promised> {
  const control = await platform.start('control-plane');
  const plane = await platform.start('data-plane');
  const shops = await openShops(platform, 'migrations');
  const seen = () => [...shops.troubled.all(), ...shops.other.all()];
  await untilCalm(seen);
  const folder = oneMore();
  const holder = new pg.Client({ connectionString: platform.superuserUrl('erp-1') });
  await holder.connect();
  const fromMs = performance.now();
  let tries = 1;
  const log = (line: string) => {
    if (line.includes('is in use')) tries += 1;
    say(line);
  };
  try {
    // Somebody's long report.
    await holder.query('begin');
    await holder.query('select count(*) from erp_customers');
    const migrating = migrateDatabase({ url: platform.databaseUrl('platen_owner', 'erp-1'), kind: 'erp', folder, log });
    await Promise.race([migrating, delay(heldMs)]);
    await holder.query('commit');
    await migrating;
  } finally {
    await holder.end();
    rmSync(folder, { recursive: true });
  }
  const tookMs = performance.now() - fromMs;
  await delay(calmMs);
  await shops.end();
  await Promise.all([plane.stop(), control.stop()]);
  const meanwhile = during(seen(), fromMs, performance.now());
  const refused = meanwhile.filter((one) => !isOk(one));
  const slowest = slowestOf(meanwhile);
  const codes = await runSql(
    platform.superuserUrl('erp-1'),
    `select code from erp_customers where code like 'migrations-%'`,
  );
  const stored = new Set((codes as { code: string }[]).map(({ code }) => code));
  const lost = shops.troubled.writes.seen
    .filter(isOk)
    .map(({ number }) => shops.troubled.codeOf(number))
    .filter((code) => !stored.has(code));
  const promises: Tried[] = [
    {
      promise: 'the services that run go on over a newer schema: nothing refused, all that was acknowledged is stored',
      broken: [...(refused.length > 0 ? [tally(refused)] : []), ...lost.map((code) => `${code} is not stored`)],
    },
    {
      promise: `who works waits for a migration no longer than ${slowestMs} ms, whatever is in its way`,
      broken: slowest > slowestMs ? [`${slowest.toFixed(0)} ms`] : [],
    },
    { promise: 'a migration that finds what it changes in use tries again', broken: tries > 1 ? [] : ['it did not'] },
  ];
  return {
    promises,
    figures: [
      `under load one more waited for a reader of ${heldMs / 1_000} s: ${tries} tries, ${(tookMs / 1_000).toFixed(1)} s, ${meanwhile.length} requests meanwhile, ${refused.length} refused, the slowest ${slowest.toFixed(0)} ms`,
    ],
  };
}

/** The release's migrations and one that only adds. */
function oneMore(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'platen-migrations-'));
  cpSync(migrationsFolder('erp'), folder, { recursive: true });
  const file = path.join(folder, 'meta/_journal.json');
  // Ours and committed: as `listMigrations` reads it.
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { idx: number; when: number; tag: string }[] };
  const last = journal.entries.at(-1);
  if (last === undefined) throw new Error('there is no migration');
  const added = { ...last, idx: last.idx + 1, when: last.when + 1, tag: 'soak_adds' };
  writeFileSync(file, JSON.stringify({ ...journal, entries: [...journal.entries, added] }));
  writeFileSync(
    path.join(folder, `${added.tag}.sql`),
    `alter table erp_customers add column soak_note text;--> statement-breakpoint
create table soak_added (id int primary key);`,
  );
  return folder;
}

type Fresh = Readonly<Record<Kind, { readonly name: string; readonly owner: string; readonly superuser: string }>>;

async function freshDatabases(platform: BenchPlatform, run: string): Promise<Fresh> {
  const server = platform.superuserUrl('control');
  const urlOf = (url: string, name: string) => {
    const way = new URL(url);
    way.pathname = `/${name}`;
    return way.toString();
  };
  const made = [];
  for (const kind of kinds) {
    const name = `soak_${run}_${kind}`;
    await runSql(server, `create database ${name} owner platen_owner template template0`);
    const owner = urlOf(platform.databaseUrl('platen_owner', 'control'), name);
    made.push([kind, { name, owner, superuser: urlOf(server, name) }] as const);
  }
  // Each kind has one.
  return Object.fromEntries(made) as Fresh;
}

async function dropAll(platform: BenchPlatform, databases: Fresh): Promise<void> {
  for (const { name } of Object.values(databases))
    await runSql(platform.superuserUrl('control'), `drop database ${name} with (force)`);
}

async function cataloguesOf(databases: Fresh): Promise<Record<Kind, readonly string[]>> {
  const [control, erp, telemetry] = await Promise.all(kinds.map((kind) => readCatalogue(databases[kind].superuser)));
  return { control: control ?? [], erp: erp ?? [], telemetry: telemetry ?? [] };
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** `db:migrate`, one plane's part. */
function startMigration(plane: 'control-plane' | 'data-plane', { control, erp, telemetry }: Fresh) {
  const catalogue = { erp: { url: erp.owner, kind: 'erp' }, telemetry: { url: telemetry.owner, kind: 'telemetry' } };
  const child = spawn(process.execPath, [path.join(root, plane, 'dist/migrate.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      MIGRATE_CONTROL_DB_URL: control.owner,
      MIGRATE_DB_CATALOG: JSON.stringify(catalogue),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, output }));
  });
  return { ended, kill: () => void child.kill('SIGKILL') };
}
