import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConsumerNews, ConsumerOrder, ConsumerTask } from './consumer-task.js';

const entry = fileURLToPath(new URL('./consumer.child.js', import.meta.url));

/** A worker process of a soak. */
export interface Consumer {
  readonly number: number;
  tell(order: ConsumerOrder): void;
  /** Resolves with the id of an event whose effect is committed and which is held before its acknowledgement. */
  hold(round: number): Promise<string>;
  /** SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. @throws Error when it did not end well */
  stop(): Promise<void>;
}

/** `onCrash` is told when it ends by itself. `env` comes on top of ours. */
export function startConsumer(
  task: ConsumerTask,
  logDir: string,
  onCrash: (what: string) => void,
  env: Readonly<Record<string, string>> = {},
): Consumer {
  const log = openSync(path.join(logDir, `worker-${task.number}.log`), 'w');
  const child = fork(entry, [JSON.stringify(task)], {
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  let expected = false;
  // Until it says so, a signal to stop ends it at once, without a drain.
  const ready = new Promise<void>((resolve) => {
    child.once('message', () => resolve());
    child.once('exit', () => resolve());
  });
  child.once('exit', (code, signal) => {
    if (!expected) onCrash(`worker ${task.number} ended by itself with ${signal ?? code}`);
  });
  return {
    number: task.number,
    tell: (order) => void child.send(order),
    hold: (round) => {
      const held = new Promise<string>((resolve) => {
        const hear = (news: ConsumerNews) => {
          if (news.kind !== 'held' || news.round !== round) return;
          child.off('message', hear);
          resolve(news.eventId);
        };
        child.on('message', hear);
        child.once('exit', () => child.off('message', hear));
      });
      child.send({ kind: 'hold', round } satisfies ConsumerOrder);
      return held;
    },
    async kill() {
      expected = true;
      await end(child, 'SIGKILL');
    },
    async stop() {
      await ready;
      expected = true;
      await end(child, 'SIGTERM');
      if (child.exitCode !== 0) {
        throw new Error(`worker ${task.number} was told to stop and ended with ${child.signalCode ?? child.exitCode}`);
      }
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
