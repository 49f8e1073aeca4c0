import { Gauge, type Registry } from 'prom-client';
import { type ScrapedDatabase, scrapeRows } from '../db/scrape-rows.js';
import { statement } from '../db/statement.js';
import { counter, relayConsumer, sweptConsumer } from './sequencer-sql.js';

/** Counting stops here: beyond, "far behind" is all that matters. */
const maxLag = 10_000;

const behind = (condition: string) =>
  `select topic, created_at from outbox_events where ${condition} order by position limit ${maxLag}`;

const lag = statement<{ consumer: string; topic: string; events: number; oldest_s: number }>(
  'outbox.lag',
  `select consumer, topic, count(created_at)::int as events,
     coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as oldest_s
   from (
     select pulled.consumer, pulled.topic, event.created_at
     from outbox_positions pulled
     left join lateral (${behind('topic = pulled.topic and position > pulled.position')}) event on true
     where pulled.consumer not in ('${counter.consumer}', '${sweptConsumer}', '${relayConsumer}')
     union all
     select relay.consumer, coalesce(event.topic, '*'), event.created_at
     from outbox_positions relay
     left join lateral (${behind('position > relay.position')}) event on true
     where relay.consumer = '${relayConsumer}'
   ) as waiting
   group by consumer, topic`,
  { parse: { events: 'int', oldest_s: Number } },
);

/** What waits in the outboxes, by who has still to read it; read when somebody asks. `@relay` is the way to a broker. */
export function addOutboxMetrics(registry: Registry, databases: readonly ScrapedDatabase[]): void {
  const labelNames = ['database', 'consumer', 'topic'] as const;
  const registers = [registry];
  const oldest = new Gauge({
    name: 'outbox_oldest_seconds',
    help: 'Age of the oldest event that a consumer has still to read',
    labelNames,
    registers,
  });
  new Gauge({
    name: 'outbox_lag_events',
    help: `Events that a consumer has still to read, counted up to ${maxLag}`,
    labelNames,
    registers,
    async collect() {
      const found = await scrapeRows(databases, lag);
      this.reset();
      oldest.reset();
      for (const { database, rows } of found) {
        for (const { consumer, topic, events, oldest_s } of rows) {
          this.set({ database, consumer, topic }, events);
          oldest.set({ database, consumer, topic }, oldest_s);
        }
      }
    },
  });
}
