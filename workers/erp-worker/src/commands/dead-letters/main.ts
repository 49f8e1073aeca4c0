import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { ConfigError } from '@platen/chassis/config/load-config';
import { readConfig } from '../../config.js';
import { connect } from '../../worker.js';
import { UsageError } from './options.js';
import { exitCodes, runDeadLetters } from './run-dead-letters.js';

async function confirm(question: string): Promise<boolean | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

/** `npm run dead-letters -- list|show|replay|drop`, with the variables of the worker. */
try {
  process.exitCode = await runDeadLetters(process.argv.slice(2), {
    connect() {
      const { controlPlane, dataPlane } = connect(readConfig(process.env), null);
      return { control: controlPlane.deadLetters, data: dataPlane.deadLetters };
    },
    print: (line) => console.log(line),
    tell: (line) => console.error(line),
    confirm,
    by: `${userInfo().username}@${hostname()}`,
  });
} catch (error) {
  console.error(`dead-letters: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof ConfigError || error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}
