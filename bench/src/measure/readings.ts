import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ReadingsOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Requests altogether. */
  readonly amount: number;
  /** Of a request: 1, or a multiple of 20. */
  readonly readings: number;
  readonly devices: number;
  /** Of the first reading. */
  readonly fromMs: number;
}

export interface ReadingsSent {
  readonly refusals: Readonly<Record<string, number>>;
  readonly timesMs: readonly number[];
}

/** A process of bench/src that says where it is once it is ready. */
export async function startChild<Ready>(
  file: URL,
  given: unknown = {},
): Promise<{ readonly child: ChildProcess; readonly ready: Ready }> {
  const child = fork(fileURLToPath(file), [JSON.stringify(given)], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
    // Its log is written, and read by nobody.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [Ready];
  return { child, ready };
}

export function startDevices(): {
  send(order: ReadingsOrder): Promise<ReadingsSent>;
  readonly child: ChildProcess;
} {
  const child = fork(fileURLToPath(new URL('./readings.child.js', import.meta.url)));
  return {
    child,
    async send(order) {
      child.send(order);
      const [sent] = (await once(child, 'message')) as [ReadingsSent];
      if (Object.keys(sent.refusals).length > 0)
        throw new Error(`${order.url} refused: ${JSON.stringify(sent.refusals)}`);
      return sent;
    },
  };
}
