import { setTimeout as delay } from 'node:timers/promises';
import type { CloudEvent } from '@platen/schema/events/cloud-event';
import { Progress } from '../../testkit/progress.js';
import { eventOf, type KafkaTopic, messageOf, ordinalOf } from './kafka.fixture.js';

export const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);

/** Effects as a database with an inbox has them: of each event the first one counts. */
export function countEffects(total: number) {
  const done = new Set<string>();
  const lastOfKey = new Map<string, number>();
  const progress = new Progress();
  const found = { handled: 0, outOfOrder: 0 };
  return {
    found,
    done,
    until: (count: number) => progress.until(() => done.size >= Math.min(count, total)),
    async handle(event: CloudEvent): Promise<void> {
      await delay(1);
      found.handled += 1;
      if (done.has(event.id)) return;
      done.add(event.id);
      if (ordinalOf(event) !== (lastOfKey.get(event.subject) ?? 0) + 1) found.outOfOrder += 1;
      lastOfKey.set(event.subject, ordinalOf(event));
      progress.changed();
    },
  };
}

/** Rounds of one event for each key. */
export async function feed(topic: KafkaTopic, rounds: number): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) await topic.send(keys.map((key) => messageOf(eventOf(key, round))));
}
