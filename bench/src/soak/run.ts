import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../measure/statistics.js';
import { soakTopic } from './consumer-task.js';
import type { SoakOptions } from './options.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';
import { startWriting, type Write } from './writes.js';

/** What a run is given, and what it answers. */
export interface SoakContext {
  readonly stage: Stage;
  readonly options: SoakOptions;
  readonly random: Random;
  say(line: string): void;
}
export interface SoakOutcome {
  readonly writes: readonly Write[];
  /** Events that were dropped on purpose. */
  readonly dropped?: readonly string[];
  /** Promises of this run's own that were broken. */
  readonly broken: readonly string[];
  readonly figures: readonly string[];
}
export type Soak = (context: SoakContext) => Promise<SoakOutcome>;

export const countEffects = async ({ effects }: Stage): Promise<number> =>
  (await effects.query<{ n: number }>('select count(*)::int as n from soak_effects')).rows[0]?.n ?? 0;

const countStored = async ({ erp }: Stage): Promise<number> =>
  (await erp.query<{ n: number }>('select count(*)::int as n from outbox_events where topic = $1', [soakTopic])).rows[0]
    ?.n ?? 0;

/** Without any progress for so long, nothing more is awaited: what lacks then is missing. */
const standstillMs = 90_000;

/** Until all that was stored has its effect, but for so many. */
export async function untilEffects(stage: Stage, without = 0): Promise<void> {
  let last = -1;
  for (let sinceMs = performance.now(); performance.now() - sinceMs < standstillMs; await delay(250)) {
    const [stored, effects] = [await countStored(stage), await countEffects(stage)];
    if (effects >= stored - without) return;
    if (effects !== last) sinceMs = performance.now();
    last = effects;
  }
}

/** Writes until workers have joined and had effects: what is measured afterwards is not their start. Answers the writes. */
export async function warmUp({ stage, random }: SoakContext): Promise<readonly Write[]> {
  const { writes, done } = await startWriting({ ...stage, total: 40, perSecond: 20, random });
  await done;
  await untilEffects(stage);
  return writes;
}

/** Says how far it is every few seconds, until it is stopped. */
export function reportProgress({ stage, say }: SoakContext, writes: readonly Write[], more = () => ''): () => void {
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    void countEffects(stage).then((effects) => {
      const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
      say(
        `${String(seconds).padStart(4)} s  ${writes.length} written, ${refusals(writes)} refused, ${effects} effects${more()}`,
      );
    });
  }, 10_000);
  return () => clearInterval(timer);
}

export const refusals = (writes: readonly Write[]): number => writes.filter(({ version }) => version === null).length;

/** Of refused writes, by status. */
export function refusedLines(writes: readonly Write[]): string[] {
  const counts = new Map<number, number>();
  for (const { status, version } of writes) if (version === null) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(
    ([status, count]) => `${count} writes were answered with ${status === 0 ? 'nothing' : status}`,
  );
}

export const milliseconds = (values: readonly number[]): string =>
  values.length === 0
    ? 'none'
    : `p50 ${percentile(values, 50).toFixed(0)}, p99 ${percentile(values, 99).toFixed(0)} ms of ${values.length}`;
