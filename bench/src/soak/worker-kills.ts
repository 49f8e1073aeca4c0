import { setTimeout as delay } from 'node:timers/promises';
import { takeOverSeconds } from './consumer-task.js';
import type { Consumer } from './consumers.js';
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

const workers = 2;

export const workerKills: Soak = async (context) => {
  const { stage, options, random } = context;
  const { events, kills } = options;
  const running = Array.from({ length: workers }, () => stage.startConsumer());
  let isOver = false;
  // After a kill its successor waits about as long as a session lasts.
  const perSecond = Math.max(10, events / (kills * takeOverSeconds));
  const warming = await warmUp(context);
  const { writes, done } = await startWriting({ ...stage, total: events, perSecond, random, goOn: () => !isOver });
  const held: string[] = [];
  let atRandom = 0;
  const stopReporting = reportProgress(context, writes, () => `, ${held.length} + ${atRandom} kills`);
  const waitsMs: number[] = [];
  for (let round = 1; round <= kills; round += 1) {
    const startedMs = performance.now();
    held.push(await killWhatHolds(context, running, round));
    waitsMs.push(performance.now() - startedMs);
    if (round % 5 > 0) continue;
    await delay(random(2_000));
    await replace(context, running, running[random(running.length)]);
    atRandom += 1;
  }
  isOver = true;
  await done;
  await untilEffects(stage);
  stopReporting();
  for (const consumer of running) await consumer.stop();
  return {
    writes: [...warming, ...writes],
    broken: [...refusedLines(writes), ...(await neverAgain(context, held))],
    figures: [
      `${held.length} kills between effect and acknowledgement, ${atRandom} at random`,
      `from asking a worker for an effect to hold, until it had one: ${milliseconds(waitsMs)}`,
    ],
  };
};

/** All are asked to hold; the first that has an effect to acknowledge is killed instead. Answers the event. */
async function killWhatHolds(context: SoakContext, running: Consumer[], round: number): Promise<string> {
  const holding = running.map(async (consumer) => ({ consumer, eventId: await consumer.hold(round) }));
  const { consumer, eventId } = await Promise.race(holding);
  await replace(context, running, consumer);
  for (const other of running) other.tell({ kind: 'go' });
  return eventId;
}

async function replace({ stage }: SoakContext, running: Consumer[], killed: Consumer | undefined): Promise<void> {
  if (killed === undefined) return;
  await killed.kill();
  running.splice(running.indexOf(killed), 1, stage.startConsumer());
}

/** An event that was not acknowledged comes again; if it did not, the kill missed the moment that it was for. */
async function neverAgain({ stage }: SoakContext, held: readonly string[]): Promise<string[]> {
  const { rows } = await stage.effects.query<{ event_id: string }>('select distinct event_id from soak_repeats');
  const again = new Set(rows.map((row) => row.event_id));
  return held.filter((id) => !again.has(id)).map((id) => `event ${id} was not acknowledged and did not come again`);
}
