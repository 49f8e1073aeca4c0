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

/** Runs a command of the command line to its exit code; what goes wrong is one line, without a stack. */
export async function runCommand(name: string, run: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await run();
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof ConfigError || error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}
