import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuOfProcess, cpuOfTree } from './cpu.js';
import { stopChild } from './load.js';
import { spreadOf } from './statistics.js';

export interface TaskOrder {
  readonly task: string;
  readonly setup: Readonly<Record<string, unknown>>;
  readonly amount: number;
  readonly concurrency: number;
}

export interface TaskCost {
  readonly nodeMicros: number;
  readonly postgresMicros: number;
}

export interface TaskRunner {
  readonly pid: number;
  run(order: TaskOrder): Promise<void>;
  stop(): Promise<void>;
}

export function startTaskRunner(): TaskRunner {
  const child = fork(fileURLToPath(new URL('./task.child.js', import.meta.url)));
  const run = async (order: TaskOrder) => {
    const gone = new AbortController();
    const onExit = () => gone.abort(new Error(`${order.task} ended its process`));
    child.once('exit', onExit);
    child.send(order);
    await once(child, 'message', { signal: gone.signal });
    child.off('exit', onExit);
  };
  return { pid: child.pid ?? 0, run, stop: () => stopChild(child) };
}

/** CPU of a piece of work, per unit: of the process that does it and of Postgres. */
export async function costOf(
  pids: { readonly node: number; readonly postgres: number | null },
  amount: number,
  work: () => Promise<unknown>,
): Promise<TaskCost> {
  const postgres = () => (pids.postgres === null ? 0 : cpuOfTree(pids.postgres));
  const nodeBefore = cpuOfProcess(pids.node);
  const postgresBefore = postgres();
  await work();
  return {
    nodeMicros: ((cpuOfProcess(pids.node) - nodeBefore) * 1000) / amount,
    postgresMicros: ((postgres() - postgresBefore) * 1000) / amount,
  };
}

export const totalOf = ({ nodeMicros, postgresMicros }: TaskCost): number => nodeMicros + postgresMicros;

/** The medians of the rounds, as text. */
export function microsOf(costs: readonly TaskCost[]): string {
  const part = (key: keyof TaskCost) => spreadOf(costs.map((cost) => cost[key])).median.toFixed(0);
  return `${part('nodeMicros')} + ${part('postgresMicros')} µs Node + PG`;
}
