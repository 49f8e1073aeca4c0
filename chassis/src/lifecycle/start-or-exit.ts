import { ConfigError } from '../config/load-config.js';
import { stackInSources } from '../log/source-places.js';

/**
 * Runs a process's start. What a person must put right is told in one line each, without a stack, after the process's
 * name; exit code 2 for the configuration, 1 for anything else.
 */
export async function startOrExit(name: string, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${name}: ${describe(error)}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isPlain = error instanceof ConfigError || ('code' in error && plainCodes.has(String(error.code)));
  return isPlain ? error.message : (stackInSources(error) ?? error.message);
}

/** A listener's address; the message names it. */
const plainCodes = new Set(['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES']);
