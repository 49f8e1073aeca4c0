import { ConfigError } from '@platen/chassis/config/load-config';

/** What a command says by its exit code. */
export const exitCodes = {
  ok: 0,
  /** It failed; nothing was changed. */
  failed: 1,
  /** Wrong words or configuration. */
  usage: 2,
  /** `keys`: not everybody holds the key. `audit verify`: something is wrong with a chain. */
  refused: 3,
} as const;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly run: (words: readonly string[]) => Promise<number>;
}

/**
 * Runs a command of the command line to its exit code; what goes wrong is one line, without a stack. Help is for whoever
 * has no configuration yet.
 */
export async function runCommand({ name, usage, run }: Command): Promise<void> {
  const words = process.argv.slice(2);
  if (words.includes('--help')) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = await run(words);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof ConfigError || error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}
