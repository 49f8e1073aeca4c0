import type { DataInternalClient } from '@platen/sdk/internal';
import { type OutboxTestDatabase, readRows } from './plane.fixture.js';

interface Parked {
  readonly key: string;
  readonly ordinal: number;
  readonly attempts: number;
}

const readParked = (database: OutboxTestDatabase) =>
  readRows<Parked>(
    database,
    `select letter.key, (payload->>'number')::int as ordinal, letter.attempts
     from outbox_dead_letters letter join outbox_events event on event.id = letter.event_id
     where consumer = 'suite' order by letter.position`,
  );

const aggregateOf = ({ key }: Parked): string => key.slice(key.indexOf(':') + 1);

/** Letters of the consumer `suite`, in order. */
export const listParked = async (database: OutboxTestDatabase) =>
  (await readParked(database)).map((row) => ({
    aggregateId: aggregateOf(row),
    ordinal: row.ordinal,
    attempts: row.attempts,
  }));

/** By the endpoints, as the command for people does it. */
export async function actOnParked(
  { deadLetters }: DataInternalClient,
  act: 'replay' | 'drop',
  aggregateId: string,
  ordinal: number | undefined,
): Promise<void> {
  const { items } = await deadLetters.list({ consumer: 'suite' });
  const letters = [];
  for (const { source, consumer, tenant_id, event_id, key } of items) {
    const ref = { source, consumer, tenant_id, event_id };
    const { event } = await deadLetters.get(ref);
    const isChosen = ordinal === undefined || Number((event.data as { number: string }).number) === ordinal;
    if (key.endsWith(`:${aggregateId}`) && isChosen) letters.push(ref);
  }
  await deadLetters[act]({ letters, by: 'suite' });
}
