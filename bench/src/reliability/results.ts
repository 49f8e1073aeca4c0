import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '../soak/outcome.js';

/** What was seen when a soak of a row ran last. */
export interface Result extends Omit<Outcome, 'name'> {
  /** What `npm run soak --` was given. */
  readonly soak: string;
  /** RFC 3339. */
  readonly at: string;
  readonly node: string;
  readonly cores: number;
  /** Processes that waited for a processor on average over the minute before it began: what else the machine did. */
  readonly loadBefore: number;
}

const file = fileURLToPath(new URL('../../reliability.json', import.meta.url));

export function readResults(): ReadonlyMap<string, Result> {
  if (!existsSync(file)) return new Map();
  // Written by `writeResult` alone.
  const results = JSON.parse(readFileSync(file, 'utf8')) as Result[];
  return new Map(results.map((result) => [result.soak, result]));
}

/** In the order of the rows, without those that no row names any more. */
export function writeResult(result: Result, soaks: readonly string[]): void {
  const results = new Map([...readResults(), [result.soak, result]]);
  const kept = soaks.flatMap((soak) => results.get(soak) ?? []);
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
}
