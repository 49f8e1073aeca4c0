import { parseArgs } from 'node:util';

export interface Options {
  readonly rounds: number;
  readonly quick: boolean;
  readonly only: string | null;
  readonly failOnMiss: boolean;
  readonly profile: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench [-- options]

Measures the rows of docs/performance.md, each beside its limit or peer in the same run.

  --only <word>  only the rows whose name or title has this word
  --rounds <n>   interleaved rounds of each comparison, 3 or more (5)
  --quick        three rounds and a quarter of the work: to see whether it runs, not to quote
  --no-fail      end with 0 though a "must" is missed
  --profile      CPU profiles of the planes in bench/results; the figures are then not to quote
  --help         this text

Results: a table here, JSON in bench/results/<date>.json and latest.json.
`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError naming what is not understood */
export function readOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 3 || rounds > 100)
    throw new UsageError('--rounds is a number from 3 to 100');
  return {
    rounds,
    quick: values.quick ?? false,
    only: values.only?.toLowerCase() ?? null,
    failOnMiss: !values['no-fail'],
    profile: values.profile ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean' },
        'no-fail': { type: 'boolean' },
        profile: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
