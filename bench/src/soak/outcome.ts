import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** What was tried of a promise: nothing broke it when `broken` is empty. */
export interface Tried {
  readonly promise: string;
  readonly broken: readonly string[];
}
/** What a run of faults answers. */
export interface Promised {
  readonly promises: readonly Tried[];
  /** The first is the line that stands for all of them in the table of docs/reliability.md. */
  readonly figures: readonly string[];
}

/** What is kept of a run for docs/reliability.md. */
export interface Outcome extends Promised {
  readonly name: string;
  readonly seconds: number;
}

const shownLines = 5;

/** Says what was promised and what broke it. Answers how many promises were broken. */
export function sayPromised({ promises, figures }: Promised, say: (line: string) => void): number {
  for (const figure of figures) say(`  ${figure}`);
  for (const { promise, broken } of promises) {
    say(`  ${broken.length === 0 ? 'kept' : 'BROKEN'}: ${promise}`);
    for (const line of broken.slice(0, shownLines)) say(`    ${line}`);
    if (broken.length > shownLines) say(`    ${broken.length - shownLines} more`);
  }
  return promises.filter(({ broken }) => broken.length > 0).length;
}

export const sayMachine = (say: (line: string) => void): void =>
  say(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, node ${process.version}`);

/** For `npm run reliability`, which names the file. */
export function recordOutcome(outcome: Outcome): void {
  const file = process.env['SOAK_OUTCOME_FILE'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(outcome));
}

export const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
