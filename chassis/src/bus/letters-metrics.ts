import { letterStates } from '@platen/schema/contracts/internal/dead-letters';
import { Gauge, type Registry } from 'prom-client';
import type { Queryable } from '../db/types.js';
import { countLetters, type LetterCount } from './dead-letters-store.js';

/** Whoever asks more often gets the last count. */
const keepMs = 15_000;

/** Letters by database, consumer and state, counted when somebody asks. A database that is away says nothing. */
export function addLetterMetrics(
  registry: Registry,
  databases: readonly { readonly key: string; readonly system: Queryable }[],
  now: () => number = () => performance.now(),
): void {
  const counts = new Map<string, { readonly atMs: number; readonly letters: Promise<LetterCount[]> }>();
  const seen = new Set<string>();

  function count(key: string, system: Queryable): Promise<LetterCount[]> {
    const known = counts.get(key);
    if (known && now() - known.atMs < keepMs) return known.letters;
    const letters = countLetters(system);
    counts.set(key, { atMs: now(), letters });
    return letters;
  }

  new Gauge({
    name: 'outbox_letters',
    help: 'Parked events by database, consumer and state: waiting for a try, following another one, dead until somebody acts',
    labelNames: ['database', 'consumer', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      await Promise.all(
        databases.map(async ({ key: database, system }) => {
          const letters = await count(database, system).catch(() => null);
          if (letters === null) return;
          for (const { consumer } of letters) seen.add(consumer);
          // A consumer whose letters have all gone is 0, not absent: an alert on its number ends.
          for (const consumer of seen) for (const state of letterStates) this.set({ database, consumer, state }, 0);
          for (const { consumer, state, count: letterCount } of letters) {
            this.set({ database, consumer, state }, letterCount);
          }
        }),
      );
    },
  });
}
