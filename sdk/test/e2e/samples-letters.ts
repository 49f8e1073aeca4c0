import { randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import { until } from '@platen/chassis/testkit/until';
import type { Listener } from './contracts.js';
import type { Platform } from './platform.js';
import { serviceToken } from './sign-in.js';
import { acme } from './world.js';

interface Maker {
  readonly listener: Listener;
  readonly platform: Platform;
}
/** Makes an event that the listener's plane tells. */
type MakeEvent<M> = (maker: M) => Promise<unknown>;

export interface Reader {
  readonly consumer: string;
  readonly topic: string;
  readonly owner: string;
}
interface Batch {
  readonly source: string;
  readonly events: readonly { readonly position: string; readonly event: { readonly id: string } }[];
}

export const readerOf = (listener: Listener, owner: string): Reader => ({
  consumer: 'acceptance',
  topic: listener === 'controlInternal' ? 'platform.user' : 'erp.quote',
  owner,
});

/** The sequencer gives positions a moment after the commit. */
export async function leaseEvents(platform: Platform, listener: Listener, reader: Reader): Promise<Batch> {
  const token = await serviceToken(platform, 'erp-worker');
  const query = new URLSearchParams({ ...reader, wait_seconds: '5' });
  const serving = listener === 'controlInternal' ? platform.controlInternal : platform.dataInternal;
  const ask = async () => {
    const answer = await serving({
      host: '127.0.0.1:1',
      path: `/internal/outbox?${query}`,
      headers: { authorization: `Bearer ${token}` },
    });
    const { batches = [] } = (answer.json ?? {}) as { batches?: Batch[] };
    return batches.find(({ events }) => events.length > 0);
  };
  return (await until(ask, (found) => found !== undefined)) ?? { source: '', events: [] };
}

/** One for each endpoint of parked events, at both planes. */
export function letterSamples<M extends Maker>(makeEvent: MakeEvent<M>) {
  /** A consumer of its own each time: nobody else reads, or has parked, what is parked here. */
  async function newEvent(maker: M) {
    await makeEvent(maker);
    const reader = { ...readerOf(maker.listener, randomUUID()), consumer: `acceptance-${randomUUID().slice(0, 8)}` };
    const { source, events } = await leaseEvents(maker.platform, maker.listener, reader);
    return { ...reader, source, event_id: events.at(-1)?.event.id ?? '' };
  }
  async function newLetter(maker: M) {
    const made = await newEvent(maker);
    const { databases } = maker.platform;
    const { superuserUrl } = databases[maker.listener === 'controlInternal' ? 'control' : 'erp-1'];
    await asSuperuser(superuserUrl, (client) =>
      client.query(
        `insert into outbox_dead_letters (tenant_id, consumer, event_id, topic, key, position, attempts, error, owner, lease_until)
         select tenant_id, $1, id, topic, key, position, 1, 'acceptance', $2, now() + interval '10 minutes'
         from outbox_events where id = $3`,
        [made.consumer, made.owner, made.event_id],
      ),
    );
    const { source, consumer, event_id } = made;
    return { ...made, ref: { source, consumer, tenant_id: acme.id, event_id } };
  }
  const act = async (maker: M): Promise<Sample> => {
    const { ref } = await newLetter(maker);
    return { body: { letters: [ref], by: 'acceptance' } };
  };
  return {
    'internal.outbox.park': async (maker: M): Promise<Sample> => {
      const { source, consumer, topic, event_id } = await newEvent(maker);
      const event = { event_id, tenant_id: acme.id, attempts: 1, error: 'acceptance', retry_after_ms: null };
      return { body: { source, consumer, topic, events: [event] } };
    },
    'internal.outbox.parkedKeys': async (maker: M): Promise<Sample> => {
      const { source, consumer, topic } = await newLetter(maker);
      return { query: { source, consumer, topic } };
    },
    'internal.outbox.retries': async ({ listener }: M): Promise<Sample> => {
      const { consumer, topic, owner } = readerOf(listener, randomUUID());
      return { query: { consumer, topics: topic, owner, wait_seconds: '0' } };
    },
    'internal.outbox.settle': async (maker: M): Promise<Sample> => {
      const { ref, owner } = await newLetter(maker);
      return { body: { ...ref, owner, result: { outcome: 'done' } } };
    },
    'internal.deadLetters.list': async (): Promise<Sample> => ({}),
    'internal.deadLetters.get': async (maker: M): Promise<Sample> => ({ query: (await newLetter(maker)).ref }),
    'internal.deadLetters.replay': act,
    'internal.deadLetters.drop': act,
  };
}
