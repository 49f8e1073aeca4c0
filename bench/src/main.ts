import { type BenchPlatform, startBenchPlatform } from './environment/platform.js';
import { canMeasureCpu } from './measure/cpu.js';
import { startLoadGenerator } from './measure/load.js';
import { type Options, readOptions, UsageError, usage } from './options.js';
import { type Measured, prepareResultsDir, printHeader, printRow, verdictOf, writeResults } from './report.js';
import { allRows } from './rows/index.js';
import type { Row, RowContext } from './rows/row.js';

/** Answers the exit code: 1 when a "must" is missed or a row could not be measured. */
export async function runBench(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}; try npm run bench -- --help\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const rows = allRows.filter(({ name, title }) => matches(options.only, `${name} ${title}`));
  if (rows.length === 0) {
    process.stderr.write(`No row matches "${options.only}". Rows: ${allRows.map(({ name }) => name).join(', ')}\n`);
    return 2;
  }
  return measure(rows, options);
}

const matches = (only: string | null, text: string): boolean => only === null || text.toLowerCase().includes(only);

async function measure(rows: readonly Row[], options: Options): Promise<number> {
  const startedAt = new Date();
  const load = startLoadGenerator();
  let starting: Promise<BenchPlatform> | undefined;
  const context: RowContext = {
    effort: { rounds: options.rounds, scale: options.quick ? 0.25 : 1 },
    load,
    platform: () => {
      starting ??= startBenchPlatform({ profileDir: options.profile ? prepareResultsDir() : null });
      return starting;
    },
  };
  const stop = async () => {
    await load.stop();
    await (await starting)?.stop();
  };
  const onSignal = () => void stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const measured: Measured[] = [];
  try {
    printHeader();
    for (const row of rows) {
      const outcome = await measureRow(row, context);
      printRow(outcome);
      measured.push(outcome);
    }
  } finally {
    await stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  process.stdout.write(`\nWritten to ${writeResults(measured, options, startedAt)}\n`);
  const missed = measured.flatMap((row) =>
    row.failure !== undefined ? [row.name] : row.results.filter((r) => verdictOf(r) === 'MISSED').map(() => row.name),
  );
  if (missed.length > 0) process.stdout.write(`Missed or not measured: ${[...new Set(missed)].join(', ')}\n`);
  return missed.length > 0 && options.failOnMiss ? 1 : 0;
}

const noCpu = 'there is no /proc on this system, so CPU is not measured and R has no meaning';

async function measureRow(row: Row, context: RowContext): Promise<Measured> {
  const { name, title } = row;
  if (row.needsCpu && !canMeasureCpu()) return { name, title, results: [], skipped: noCpu };
  const missing = row.unavailable?.() ?? null;
  if (missing !== null) return { name, title, results: [], skipped: missing };
  try {
    return { name, title, results: await row.run(context) };
  } catch (error) {
    return { name, title, results: [], failure: error instanceof Error ? error.message : String(error) };
  }
}
