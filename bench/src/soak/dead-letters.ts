import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { DeadLetter } from '@platen/schema/contracts/internal/dead-letters';
import { soakConsumer } from './consumer-task.js';
import type { Stage } from './stage.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** `npm run dead-letters -- …` as somebody would type it. Answers what it prints. @throws Error unless it ends with 0 */
export async function runDeadLetters({ platform }: Stage, ...words: readonly string[]): Promise<string> {
  const args = ['run', '--silent', 'dead-letters', '--', ...words, '--plane', 'data'];
  const env = { PATH: process.env['PATH'] ?? '', ...platform.environment('erp-worker') };
  const child = spawn('npm', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, told] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0)
    throw new Error(`npm run dead-letters -- ${words.join(' ')}: ${child.exitCode} ${told.trim()}`);
  return printed;
}

export async function listLetters(stage: Stage): Promise<DeadLetter[]> {
  const printed = await runDeadLetters(stage, 'list', '--json', '--consumer', soakConsumer);
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line): DeadLetter => JSON.parse(line));
}
