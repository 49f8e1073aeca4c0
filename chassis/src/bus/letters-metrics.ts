import { letterStates } from '@platen/schema/contracts/internal/dead-letters';
import { Gauge, type Registry } from 'prom-client';
import { type ScrapedDatabase, scrapeRows } from '../db/scrape-rows.js';
import { countLetters, type LetterCount } from './dead-letters-store.js';

/** Whoever asks more often gets the last count. */
const keepMs = 15_000;
/** Letters are read to be counted: where they are many, this takes longer than other metrics do. */
const waitMs = 5_000;

/** Letters by database, consumer and state, counted when somebody asks. A database that is away says nothing. */
export function addLetterMetrics(
  registry: Registry,
  databases: readonly ScrapedDatabase[],
  now: () => number = () => performance.now(),
): void {
  let last: { readonly atMs: number; readonly found: ReturnType<typeof count> } | undefined;
  const seen = new Set<string>();
  const count = () => scrapeRows<LetterCount>(databases, countLetters, [], waitMs);

  new Gauge({
    name: 'outbox_letters',
    help: 'Parked events by database, consumer and state: waiting for a try, following another one, dead until somebody acts',
    labelNames: ['database', 'consumer', 'state'],
    registers: [registry],
    async collect() {
      if (last === undefined || now() - last.atMs >= keepMs) last = { atMs: now(), found: count() };
      const found = await last.found;
      this.reset();
      for (const { database, rows } of found) {
        for (const { consumer } of rows) seen.add(consumer);
        // A consumer whose letters have all gone is 0, not absent: an alert on its number ends.
        for (const consumer of seen) for (const state of letterStates) this.set({ database, consumer, state }, 0);
        for (const { consumer, state, count: letters } of rows) this.set({ database, consumer, state }, letters);
      }
    },
  });
}
