import { setTimeout as delay } from 'node:timers/promises';
import type { DeadLetter } from '@platen/schema/contracts/internal/dead-letters';
import { soakConsumer } from './consumer-task.js';
import { listLetters, runDeadLetters } from './dead-letters.js';
import {
  milliseconds,
  refusedLines,
  reportProgress,
  type Soak,
  type SoakContext,
  untilEffects,
  warmUp,
} from './run.js';
import { startWriting } from './writes.js';

const perSecond = 60;
/** Quicker than in earnest, and as many. */
const retry = { tries: 3, firstMs: 100, longestMs: 1_000, laterMs: [1_000, 1_000] };
const triesUntilDead = retry.tries + retry.laterMs.length;
/** How long writes go on behind the dead events, and after they are gone. */
const behindMs = 10_000;
/** Of so many writes one is to each of the two cards that have an event which fails. */
const share = 20;

export const poison: Soak = async (context) => {
  const { stage, options, random, say } = context;
  const { events } = options;
  const [dropped, mended] = stage.cards as readonly [string, string];
  const first = await versionsOf(context, [dropped, mended]);
  // A third of the way.
  const failing = [dropped, mended].map(
    (card) => `${card}:${(first.get(card) ?? 0) + Math.max(2, Math.floor(events / share / 3))}`,
  );
  const workers = [1, 2].map(() => stage.startConsumer({ retry, poison: failing }));
  const pick = () => ([dropped, mended] as const)[random(share)];
  const warming = await warmUp(context);
  const startedMs = performance.now();
  let isMended = false;
  const goOn = () => !isMended;
  const { writes, done } = await startWriting({ ...stage, total: events, perSecond, random, pick, goOn });
  const stopReporting = reportProgress(context, writes);
  const broken: string[] = [];

  await untilDead(context, 2);
  const deadAtMs = performance.now();
  const dead = (await listLetters(stage)).filter(({ state }) => state === 'dead');
  say(`two events are dead, after ${writes.length} writes`);
  for (const { key, attempts } of dead) {
    if (attempts !== triesUntilDead)
      broken.push(`the letter of ${key} is dead after ${attempts} tries, not ${triesUntilDead}`);
  }
  await delay(behindMs);
  const waiting = await listLetters(stage);
  say((await runDeadLetters(stage, 'list', '--consumer', soakConsumer, '--state', 'dead')).trimEnd());
  const dropAtMs = performance.now();
  const letterOf = (card: string) => dead.find(({ key }) => key.endsWith(`:${card}`))?.event_id ?? '';
  await runDeadLetters(stage, 'drop', '--event', letterOf(dropped), '--yes');
  for (const worker of workers) worker.tell({ kind: 'mend', poison: failing[1] ?? '' });
  await runDeadLetters(stage, 'replay', '--event', letterOf(mended));
  const mendedAtMs = performance.now();
  say('one is dropped, one is mended and replayed');
  await delay(behindMs);
  isMended = true;
  await done;
  await untilEffects(stage, 1);
  const left = await untilNoLetters(context);
  stopReporting();
  if (left.length > 0) broken.push(`${left.length} letters are left`);
  for (const worker of workers) await worker.stop();
  const waits = await waitsOfOthers(context, [dropped, mended]);
  const between = (from: number, to: number) =>
    milliseconds(waits.filter(({ atMs }) => atMs >= from && atMs < to).map(({ waitMs }) => waitMs));
  return {
    writes: [...warming, ...writes],
    dropped: [letterOf(dropped)],
    broken: [...broken, ...refusedLines(writes)],
    figures: [
      `2 events dead after ${triesUntilDead} tries; ${waiting.length - 2} behind them when they were dropped and replayed`,
      `commit to effect of other cards, before: ${between(startedMs, deadAtMs - 5_000)}; while two are dead: ${between(deadAtMs, dropAtMs)}; after: ${between(mendedAtMs, Infinity)}`,
    ],
  };
};

async function versionsOf({ stage }: SoakContext, cards: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await stage.erp.query<{ id: string; version: number }>(
    'select id, version::int as version from erp_production_jobs where id = any($1::uuid[])',
    [cards],
  );
  return new Map(rows.map(({ id, version }) => [id, version]));
}

async function untilDead({ stage }: SoakContext, count: number): Promise<void> {
  const endsAtMs = performance.now() + 180_000;
  while (performance.now() < endsAtMs) {
    const { rows } = await stage.erp.query<{ n: number }>(
      'select count(*)::int as n from outbox_dead_letters where attempts > 0 and retry_at is null',
    );
    if ((rows[0]?.n ?? 0) >= count) return;
    await delay(200);
  }
  throw new Error(`${count} dead letters were awaited in vain`);
}

/** The last ones are settled a moment after their effects. */
async function untilNoLetters({ stage }: SoakContext): Promise<DeadLetter[]> {
  for (let tries = 1; ; tries += 1) {
    const left = await listLetters(stage);
    if (left.length === 0 || tries === 10) return left;
    await delay(1_000);
  }
}

/** From commit to effect, by the clock of the databases' one server; put on ours. */
async function waitsOfOthers(
  { stage }: SoakContext,
  cards: readonly string[],
): Promise<{ atMs: number; waitMs: number }[]> {
  const offset = performance.now() - Date.now();
  const { rows } = await stage.effects.query<{ at: number; wait: number }>(
    `select (extract(epoch from happened_at) * 1000)::float8 as at,
       (extract(epoch from written_at - happened_at) * 1000)::float8 as wait
     from soak_effects where card <> all($1::uuid[])`,
    [cards],
  );
  return rows.map(({ at, wait }) => ({ atMs: at + offset, waitMs: wait }));
}
