import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadSpec {
  readonly url: string;
  readonly connections: number;
  /** Requests altogether. */
  readonly amount: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent in turns by every connection. */
  readonly requests: readonly LoadRequest[];
}

export interface LoadResult {
  readonly answered: number;
  readonly refused: number;
  /** Of what was refused: status → count. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

export interface LoadGenerator {
  /** Rejects when more than one in a thousand was not answered with a 2xx: such a run measures something else. */
  run(spec: LoadSpec): Promise<LoadResult>;
  stop(): Promise<void>;
}

const entry = fileURLToPath(new URL('./load.child.js', import.meta.url));

export function startLoadGenerator(): LoadGenerator {
  const child = fork(entry, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return { run: (spec) => runLoad(child, spec), stop: () => stopChild(child) };
}

async function runLoad(child: ChildProcess, spec: LoadSpec): Promise<LoadResult> {
  const gone = new AbortController();
  const onExit = () => gone.abort(new Error('the load generator ended'));
  child.once('exit', onExit);
  child.send(spec);
  const [result] = (await once(child, 'message', { signal: gone.signal })) as [LoadResult];
  child.off('exit', onExit);
  if (result.refused * 1000 > spec.amount || result.answered === 0) {
    const statuses = JSON.stringify(result.refusals);
    throw new Error(`${result.refused} of ${spec.amount} requests to ${spec.url} were refused: ${statuses}`);
  }
  return result;
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
