import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kafkaIsMissing } from '@platen/chassis/testkit/kafka-server';
import { timescaledbIsMissing } from '@platen/chassis/testkit/timescaledb-server';
import { UsageError } from '../options.js';
import { faults } from '../soak/faults/index.js';
import type { Outcome } from '../soak/outcome.js';
import { renderPage, writePage } from './page.js';
import { readResults, writeResult } from './results.js';
import { assertRows, rows } from './rows.js';

const usage = `npm run reliability [-- options]

Runs every soak of the table in docs/reliability.md, one after the other, and fills the table in with what was seen.

  --only <ids>   rows by their ids, separated by commas: ${rows.map(({ id }) => id).join(', ')}
  --check        runs nothing: is the page what the last results say? Exit code 1 if it is not
  --help         this text

Exit code 1: a promise was broken. What lacks a broker or TimescaleDB is not run, and is said. Give it a machine that does
nothing else.
`;
const soakEntry = fileURLToPath(new URL('./soak-process.js', import.meta.url));
const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Answers the exit code. */
export async function runReliability(args: readonly string[]): Promise<number> {
  let chosen: ReturnType<typeof readOptions>;
  try {
    assertRows();
    chosen = readOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}; try npm run reliability -- --help\n`);
    return 2;
  }
  if (chosen.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (chosen.check) return checkPage();
  let isKept = true;
  for (const soak of chosen.rows.flatMap(({ soaks }) => soaks)) {
    const missing = missingFor(soak);
    if (missing !== null) {
      say(`not run: ${soak} (${missing})`);
      isKept = false;
    } else if (!(await runSoak(soak))) isKept = false;
    writePage(renderPage(rows, readResults()).fresh);
  }
  return isKept ? 0 : 1;
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const ids = values.only?.split(',');
  const unknown = ids?.find((id) => rows.every((row) => row.id !== id));
  if (unknown !== undefined) throw new UsageError(`there is no row ${unknown}`);
  return { ...values, rows: rows.filter(({ id }) => ids?.includes(id) ?? true) };
}

function checkPage(): number {
  const { old, fresh } = renderPage(rows, readResults());
  if (old === fresh) return 0;
  process.stderr.write(
    'docs/reliability.md is not what bench/reliability.json says: npm run reliability -- --only <id>\n',
  );
  return 1;
}

const needsBroker = /^(kafka-outage|rebalance)|^(worker-kills|poison)(?!.*--bus outbox)/;
function missingFor(soak: string): string | null {
  if (needsBroker.test(soak) && kafkaIsMissing !== false) return kafkaIsMissing;
  if (soak.includes('timescaledb') && timescaledbIsMissing !== false) return timescaledbIsMissing;
  return faults[soak.split(' ')[0] ?? '']?.isMissing || null;
}

/** In a process of its own, so that none sees what another has left. Answers whether every promise was kept. */
async function runSoak(soak: string): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'platen-reliability-'));
  const outcomeFile = path.join(folder, 'outcome.json');
  const loadBefore = Number((loadavg()[0] ?? 0).toFixed(1));
  try {
    const child = spawn(process.execPath, [soakEntry, ...soak.split(' ')], {
      stdio: 'inherit',
      env: { ...process.env, SOAK_OUTCOME_FILE: outcomeFile },
    });
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    const { name: _, ...outcome } = readOutcome(outcomeFile, soak);
    const machine = { node: process.versions.node, cores: cpus().length, loadBefore };
    const soaks = rows.flatMap((row) => row.soaks);
    writeResult({ soak, at: new Date().toISOString(), ...machine, ...outcome }, soaks);
    return exitCode === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A run that died has written none. */
function readOutcome(file: string, soak: string): Outcome {
  try {
    // Written by `recordOutcome` alone.
    return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
  } catch {
    return { name: soak, seconds: 0, figures: [], promises: [{ promise: 'it runs to its end', broken: ['it died'] }] };
  }
}
