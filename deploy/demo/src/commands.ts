import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DemoFailure } from './failure.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const execute = promisify(execFile);

/** Runs one of the explicit commands (`db:migrate`, `db:seed`) as an operator would: a process of its own, with its environment. */
export async function runCommand(
  entry: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<string> {
  try {
    const { stdout } = await execute(process.execPath, [path.resolve(root, entry), ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      maxBuffer: 16 << 20,
    });
    return stdout.trim();
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new DemoFailure(`${entry} failed: ${output.split('\n').at(-1) ?? output}`);
  }
}
