import { setTimeout as delay } from 'node:timers/promises';
import {
  milliseconds,
  refusedLines,
  reportProgress,
  type Soak,
  type SoakContext,
  untilEffects,
  warmUp,
} from './run.js';
import { startWriting, type Write } from './writes.js';

/** After its return all that waited is to be with the broker within this. */
const drainLimitMs = 60_000;

export const kafkaOutage: Soak = async (context) => {
  const { stage, options, random, say } = context;
  const { broker } = stage;
  if (broker === null) throw new Error('an outage without a broker');
  const { events, outageSeconds } = options;
  stage.startConsumer();
  stage.startConsumer();
  // A third before the outage, a third in it, a third after.
  const perSecond = events / (3 * outageSeconds);
  const warming = await warmUp(context);
  const { writes, done } = await startWriting({ ...stage, total: events, perSecond, random });
  const stopReporting = reportProgress(context, writes);
  while (writes.length < events / 3) await delay(50);
  await broker.kill();
  const goneMs = performance.now();
  say(`the broker is killed, after ${writes.length} writes`);
  await delay(outageSeconds * 1_000);
  const [behind] = [await relayBehind(context, null)];
  await broker.restart();
  const backMs = performance.now();
  const last = await lastPosition(context);
  say(`the broker is back after ${seconds(backMs - goneMs)}, ${behind} events wait`);
  const drained = untilRelayed(context, last);
  await Promise.all([done, drained]);
  const drainedMs = await drained;
  say(`all ${events} are written`);
  await untilEffects(stage);
  const effectMs = await lastEffectOf(context, backMs);
  stopReporting();
  const took = (from: number, to: number) =>
    milliseconds(
      writes.filter(({ sentAtMs }) => sentAtMs >= from && sentAtMs < to).map((write: Write) => write.tookMs),
    );
  return {
    writes: [...warming, ...writes],
    broken: [
      ...refusedLines(writes),
      ...(drainedMs - backMs > drainLimitMs ? [`the outbox took ${seconds(drainedMs - backMs)} to drain`] : []),
    ],
    figures: [
      `the broker was away for ${seconds(backMs - goneMs)}; ${behind} events waited at its return`,
      `they were with the broker ${seconds(drainedMs - backMs)} after its return; the last of their effects was there ${seconds(effectMs - backMs)} after it`,
      `a write took, before: ${took(0, goneMs)}; meanwhile: ${took(goneMs, backMs)}; after: ${took(backMs, Infinity)}`,
    ],
  };
};

/** When the last event from before then had its effect: by the clock of the databases' server, which is ours. */
async function lastEffectOf({ stage }: SoakContext, beforeMs: number): Promise<number> {
  const offsetMs = performance.now() - Date.now();
  const { rows } = await stage.effects.query<{ at: number }>(
    `select (extract(epoch from max(written_at)) * 1000)::float8 as at from soak_effects where happened_at < $1::timestamptz`,
    [new Date(beforeMs - offsetMs)],
  );
  return (rows[0]?.at ?? 0) + offsetMs;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

async function lastPosition({ stage }: SoakContext): Promise<bigint> {
  const { rows } = await stage.erp.query<{ last: string }>(
    'select coalesce(max(position), 0)::text as last from outbox_events',
  );
  return BigInt(rows[0]?.last ?? 0);
}

/** Events up to this one, or all, that are not with the broker. */
async function relayBehind({ stage }: SoakContext, last: bigint | null): Promise<number> {
  const { rows } = await stage.erp.query<{ n: number }>(
    `select count(*)::int as n from outbox_events
     where position <= coalesce($1::bigint, position) and position > coalesce(
       (select position from outbox_positions where consumer = '@relay'), 0)`,
    [last?.toString() ?? null],
  );
  return rows[0]?.n ?? 0;
}

/** Answers when that was. */
async function untilRelayed(context: SoakContext, last: bigint): Promise<number> {
  const endsAtMs = performance.now() + 3 * drainLimitMs;
  while (performance.now() < endsAtMs && (await relayBehind(context, last)) > 0) await delay(100);
  return performance.now();
}
