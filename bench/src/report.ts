import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Options } from './options.js';
import type { Result } from './rows/row.js';

export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly results: readonly Result[];
  /** Why the row could not be measured. */
  readonly failure?: string;
  /** Why the row does not apply to this system. */
  readonly skipped?: string;
}

export type Verdict = 'goal' | 'must' | 'MISSED' | '';

export function verdictOf({ value, must, goal }: Result): Verdict {
  if (goal !== undefined && value.median <= goal) return 'goal';
  if (must === undefined) return '';
  return value.median <= must ? 'must' : 'MISSED';
}

const resultsDir = fileURLToPath(new URL('../results/', import.meta.url));

export function printHeader(): void {
  print(['', 'measured', 'spread', 'must', 'goal', '', '']);
}

export function printRow({ name, title, results, failure, skipped }: Measured): void {
  process.stdout.write(`\n${name}: ${title}\n`);
  for (const result of results) {
    const { unit, value, must, goal } = result;
    print([
      `  ${result.label}`,
      `${figure(value.median)} ${unit}`,
      value.low === value.high ? '' : `${figure(value.low)} to ${figure(value.high)}`,
      must === undefined ? '' : String(must),
      goal === undefined ? '' : String(goal),
      verdictOf(result),
      result.detail ?? '',
    ]);
  }
  if (skipped !== undefined) process.stdout.write(`  SKIPPED: ${skipped}\n`);
  if (failure !== undefined) process.stdout.write(`  NOT MEASURED: ${failure}\n`);
}

const widths = [46, 18, 18, 8, 8, 8, 0];
const print = (cells: readonly string[]) =>
  process.stdout.write(
    `${cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('')
      .trimEnd()}\n`,
  );

export const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export function prepareResultsDir(): string {
  mkdirSync(resultsDir, { recursive: true });
  return resultsDir;
}

/** `bench/results/<date>.json`, and the same as latest.json. */
export function writeResults(measured: readonly Measured[], options: Options, startedAt: Date): string {
  prepareResultsDir();
  const report = {
    started_at: startedAt.toISOString(),
    rounds: options.rounds,
    quick: options.quick,
    machine: {
      cores: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      memory_gb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    rows: measured.map((row) => ({
      ...row,
      results: row.results.map((result) => ({ ...result, verdict: verdictOf(result) })),
    })),
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const file = path.join(resultsDir, `${startedAt.toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
  writeFileSync(file, text);
  writeFileSync(path.join(resultsDir, 'latest.json'), text);
  return file;
}
