import type { CloudEvent } from '@platen/schema/events/cloud-event';
import { type Test, test } from 'tap';
import { type ConsumeOptions, DependencyAway, type EventBus, UnprocessableEvent } from '../bus/bus.js';
import { Progress } from './progress.js';

/** One topic (`erp.quote`) with nothing in it, as a transport sees it. */
export interface BusFixture {
  /** As a process of its own would open it. */
  openBus(): EventBus;
  /** Commits one event of type `erp.quote.accepted` for each item, in order; `number` is its ordinal within the key. */
  publish(items: readonly { readonly aggregateId: string; readonly ordinal: number }[]): Promise<void>;
  /** Of the consumer `suite`, in order. */
  listParked(): Promise<{ readonly aggregateId: string; readonly ordinal: number; readonly attempts: number }[]>;
  /** As the command for people does, with all that is parked of an aggregate or with one of its events. */
  actOnParked(act: 'replay' | 'drop', aggregateId: string, ordinal?: number): Promise<void>;
}

interface Handled {
  readonly aggregateId: string;
  readonly ordinal: number;
  readonly attempt: number;
}

const retry = { tries: 3, firstMs: 5, longestMs: 20, laterMs: [] };
const ordinalOf = (event: CloudEvent): number => Number((event.data as { number: string }).number);
const series = (aggregateId: string, count: number, first = 1) =>
  Array.from({ length: count }, (_, index) => ({ aggregateId, ordinal: first + index }));
const ordinals = (handled: readonly Handled[], aggregateId: string) =>
  handled.filter((item) => item.aggregateId === aggregateId).map(({ ordinal }) => ordinal);

interface Consumer {
  readonly handled: Handled[];
  readonly parked: number[];
  /** Parked ones that were handled in the end. */
  readonly recovered: number[];
  readonly dead: number[];
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

function startConsumer(
  t: Test,
  bus: EventBus,
  handle: (item: Handled) => Promise<void>,
  options: Partial<ConsumeOptions> = {},
): Consumer {
  const stopping = new AbortController();
  const progress = new Progress();
  const handled: Handled[] = [];
  const [parked, recovered, dead]: [number[], number[], number[]] = [[], [], []];
  const note = (list: number[]) => (event: CloudEvent) => {
    list.push(ordinalOf(event));
    progress.changed();
  };
  const consuming = bus.consume({
    consumer: 'suite',
    topics: ['erp.quote'],
    signal: stopping.signal,
    retry,
    ...options,
    handler: async ({ event, attempt }) => {
      const item = { aggregateId: event.subject, ordinal: ordinalOf(event), attempt };
      await handle(item);
      handled.push(item);
      progress.changed();
    },
    observer: { parked: (_topic, event) => note(parked)(event), recovered: note(recovered), dead: note(dead) },
  });
  const stop = async () => {
    stopping.abort();
    await consuming;
  };
  t.teardown(stop);
  return { handled, parked, recovered, dead, until: (condition) => progress.until(condition), stop };
}

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What every transport of the bus must do, whatever carries the events. */
export function testBus(transport: string, open: (t: Test) => Promise<BusFixture>): void {
  test(`${transport}: every event, in order per key, keys side by side within the bound`, async (t) => {
    const fixture = await open(t);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await fixture.publish(keys.flatMap((key) => series(key, 20)));
    const running = new Map<string, number>();
    let together = 0;
    let mostTogether = 0;
    let overlapping = false;
    const consumer = startConsumer(
      t,
      fixture.openBus(),
      async ({ aggregateId }) => {
        together += 1;
        mostTogether = Math.max(mostTogether, together);
        overlapping ||= running.has(aggregateId);
        running.set(aggregateId, 1);
        for (let turn = 0; turn < 5; turn += 1) await soon();
        running.delete(aggregateId);
        together -= 1;
      },
      { concurrency: 4 },
    );
    await consumer.until(() => consumer.handled.length >= 120);
    await fixture.publish(series('a', 5, 21));
    await consumer.until(() => consumer.handled.length >= 125);
    await consumer.stop();
    for (const key of keys) {
      const expected = series(key, key === 'a' ? 25 : 20).map(({ ordinal }) => ordinal);
      t.same(ordinals(consumer.handled, key), expected, `key ${key} in order, once`);
    }
    t.notOk(overlapping, 'one event of a key at a time');
    t.ok(mostTogether > 1 && mostTogether <= 4, `${mostTogether} keys at once, 4 allowed`);
  });

  test(`${transport}: what fails is tried again, before later events of its key`, async (t) => {
    const fixture = await open(t);
    await fixture.publish([...series('a', 3), ...series('b', 3)]);
    const consumer = startConsumer(t, fixture.openBus(), async ({ aggregateId, ordinal, attempt }) => {
      if (aggregateId === 'a' && ordinal === 1 && attempt < retry.tries) throw new Error('not yet');
    });
    await consumer.until(() => consumer.handled.length >= 6);
    t.same(ordinals(consumer.handled, 'a'), [1, 2, 3]);
    t.same(ordinals(consumer.handled, 'b'), [1, 2, 3]);
    t.same(await fixture.listParked(), []);
  });

  test(`${transport}: what keeps failing is parked, its key follows, others flow on, after a restart too`, async (t) => {
    const fixture = await open(t);
    const handle = async ({ aggregateId, ordinal }: Handled) => {
      if (aggregateId === 'poison' && ordinal === 2) throw new Error('poison');
    };
    await fixture.publish([...series('poison', 4), ...series('b', 4)]);
    const first = startConsumer(t, fixture.openBus(), handle);
    await first.until(() => first.parked.length >= 3 && first.handled.length >= 5);
    await fixture.publish([...series('poison', 1, 5), ...series('b', 1, 5)]);
    await first.until(() => first.parked.length >= 4 && first.handled.length >= 6);
    await first.stop();
    t.same(ordinals(first.handled, 'poison'), [1]);
    t.same(ordinals(first.handled, 'b'), [1, 2, 3, 4, 5]);

    const second = startConsumer(t, fixture.openBus(), handle);
    await fixture.publish([...series('poison', 1, 6), ...series('b', 1, 6)]);
    await second.until(() => second.parked.length >= 1 && second.handled.length >= 1);
    await second.stop();
    t.same(ordinals(second.handled, 'b'), [6]);
    t.same(ordinals(second.handled, 'poison'), []);
    const parked = await fixture.listParked();
    t.same(
      parked.map(({ ordinal, attempts }) => [ordinal, attempts]),
      [
        [2, retry.tries],
        [3, 0],
        [4, 0],
        [5, 0],
        [6, 0],
      ],
    );
  });

  test(`${transport}: hopeless at once; a dependency that is away parks nothing`, async (t) => {
    const fixture = await open(t);
    await fixture.publish([...series('hopeless', 1), ...series('patient', 1)]);
    const consumer = startConsumer(t, fixture.openBus(), async ({ aggregateId, attempt }) => {
      if (aggregateId === 'hopeless') throw new UnprocessableEvent('never');
      if (attempt <= retry.tries * 2) throw new DependencyAway('later');
    });
    await consumer.until(() => consumer.handled.length === 1 && consumer.parked.length === 1);
    await consumer.stop();
    t.match(consumer.handled, [{ aggregateId: 'patient', attempt: retry.tries * 2 + 1 }]);
    t.same(await fixture.listParked(), [{ aggregateId: 'hopeless', ordinal: 1, attempts: 1 }]);
  });

  test(`${transport}: what is parked is tried later; its key goes on after it, in order`, async (t) => {
    const fixture = await open(t);
    await fixture.publish([...series('a', 4), ...series('b', 2)]);
    const consumer = startConsumer(
      t,
      fixture.openBus(),
      async ({ aggregateId, ordinal, attempt }) => {
        // With its key behind it: of a letter that has gone nothing follows.
        if (aggregateId === 'a' && ordinal === 1 && attempt > retry.tries)
          await consumer.until(() => consumer.parked.length >= 4);
        if (aggregateId === 'a' && ordinal === 1 && attempt <= retry.tries + 1) throw new Error('not today');
        if (aggregateId === 'a' && ordinal === 3 && attempt === 1) throw new Error('not yet');
      },
      { retry: { ...retry, laterMs: [10, 10] } },
    );
    await consumer.until(() => consumer.recovered.length >= 4);
    await fixture.publish(series('a', 2, 5));
    await consumer.until(() => consumer.handled.length >= 8);
    t.same(consumer.recovered, [1, 2, 3, 4]);
    t.same(ordinals(consumer.handled, 'a'), [1, 2, 3, 4, 5, 6]);
    t.match(
      consumer.handled.filter(({ ordinal, aggregateId }) => aggregateId === 'a' && ordinal < 4),
      [{ attempt: retry.tries + 2 }, { attempt: 1 }, { attempt: 2 }],
    );
    t.same(ordinals(consumer.handled, 'b'), [1, 2]);
    t.same(await fixture.listParked(), []);
  });

  test(`${transport}: dead after the last try; replayed or dropped, what followed comes in order`, async (t) => {
    const fixture = await open(t);
    const poison = new Set(['mended 1', 'hopeless 2']);
    await fixture.publish([...series('mended', 3), ...series('hopeless', 3)]);
    const consumer = startConsumer(
      t,
      fixture.openBus(),
      async ({ aggregateId, ordinal }) => {
        if (poison.has(`${aggregateId} ${ordinal}`)) throw new Error('poison');
      },
      { retry: { ...retry, laterMs: [5] } },
    );
    await consumer.until(() => consumer.dead.length >= 2 && consumer.parked.length >= 5);
    t.same((await fixture.listParked()).map(({ ordinal, attempts }) => `${ordinal}: ${attempts}`).sort(), [
      '1: 4',
      '2: 0',
      '2: 4',
      '3: 0',
      '3: 0',
    ]);
    poison.delete('mended 1');
    await fixture.actOnParked('replay', 'mended');
    await consumer.until(() => consumer.recovered.length >= 3);
    t.same(ordinals(consumer.handled, 'mended'), [1, 2, 3]);
    await fixture.actOnParked('replay', 'hopeless');
    await consumer.until(() => consumer.dead.length >= 3);
    await fixture.actOnParked('drop', 'hopeless', 2);
    await consumer.until(() => consumer.recovered.length >= 4);
    await fixture.publish([...series('hopeless', 1, 4), ...series('mended', 1, 4)]);
    await consumer.until(() => consumer.handled.length >= 7);
    t.same(ordinals(consumer.handled, 'hopeless'), [1, 3, 4], 'all but what was dropped');
    t.same(ordinals(consumer.handled, 'mended'), [1, 2, 3, 4]);
    t.same(await fixture.listParked(), []);
  });

  test(`${transport}: two instances, their tries failing at random: every key in order all the same`, async (t) => {
    const fixture = await open(t);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const total = new Progress();
    const handled: Handled[] = [];
    // As an inbox: a repeat, after an instance took over from the other, has no effect.
    const seen = new Set<string>();
    const handle = async (item: Handled) => {
      await soon();
      if (Math.random() < 0.4) throw new Error('no luck');
      const id = `${item.aggregateId} ${item.ordinal}`;
      if (!seen.has(id)) handled.push(item);
      seen.add(id);
      total.changed();
    };
    const options = { retry: { tries: 1, firstMs: 1, longestMs: 1, laterMs: Array.from({ length: 100 }, () => 1) } };
    const first = startConsumer(t, fixture.openBus(), handle, options);
    startConsumer(t, fixture.openBus(), handle, options);
    for (let ordinal = 1; ordinal <= 3; ordinal += 1) {
      await fixture.publish(keys.map((aggregateId) => ({ aggregateId, ordinal })));
    }
    await total.until(() => handled.length >= 10);
    await first.stop();
    for (let ordinal = 4; ordinal <= 6; ordinal += 1) {
      await fixture.publish(keys.map((aggregateId) => ({ aggregateId, ordinal })));
    }
    await total.until(() => handled.length >= 36);
    for (const key of keys) t.same(ordinals(handled, key), [1, 2, 3, 4, 5, 6], `${key} in order, once`);
  });

  test(`${transport}: stopping finishes and stores what runs, and leaves the rest to the next`, async (t) => {
    const fixture = await open(t);
    await fixture.publish(series('a', 5));
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const first = startConsumer(t, fixture.openBus(), async ({ ordinal }) => {
      if (ordinal < 2) return;
      started();
      await released;
    });
    await running;
    const stopped = first.stop();
    release();
    await stopped;
    t.same(ordinals(first.handled, 'a'), [1, 2]);
    const second = startConsumer(t, fixture.openBus(), async () => undefined);
    await second.until(() => second.handled.length >= 3);
    t.same(ordinals(second.handled, 'a'), [3, 4, 5]);
  });

  test(`${transport}: stopping does not wait for a key's next try`, async (t) => {
    const fixture = await open(t);
    await fixture.publish(series('a', 2));
    const failed = new Progress();
    let attempts = 0;
    const first = startConsumer(
      t,
      fixture.openBus(),
      async () => {
        attempts += 1;
        failed.changed();
        throw new Error('not yet');
      },
      // Up to three weeks; jitter would have to be next to nothing for another try.
      { retry: { ...retry, firstMs: 2_000_000_000, longestMs: 2_000_000_000 } },
    );
    await failed.until(() => attempts === 1);
    await first.stop();
    t.equal(attempts, 1);
    const second = startConsumer(t, fixture.openBus(), async () => undefined);
    await second.until(() => second.handled.length >= 2);
    t.same(ordinals(second.handled, 'a'), [1, 2]);
    t.same(await fixture.listParked(), []);
  });

  test(`${transport}: what had its effect and was not acknowledged comes again, in its place`, async (t) => {
    const fixture = await open(t);
    await fixture.publish([...series('a', 3), ...series('b', 1)]);
    const effects: number[] = [];
    const begun = new Progress();
    const first = startConsumer(
      t,
      fixture.openBus(),
      ({ aggregateId, ordinal }) => {
        if (aggregateId === 'b') return Promise.resolve();
        effects.push(ordinal);
        begun.changed();
        // As a process that is gone: neither resolves nor heeds its signal.
        return ordinal === 2 ? new Promise<never>(() => undefined) : Promise.resolve();
      },
      { drainMs: 1 },
    );
    await begun.until(() => effects.includes(2));
    await first.stop();
    const second = startConsumer(t, fixture.openBus(), async ({ ordinal }) => void effects.push(ordinal));
    await second.until(() => ordinals(second.handled, 'a').includes(3));
    t.same(effects.slice(0, 2), [1, 2]);
    t.same(ordinals(second.handled, 'a').slice(-2), [2, 3], 'the one without an answer, then the next');
  });

  test(`${transport}: two instances of one consumer handle each event once`, async (t) => {
    const fixture = await open(t);
    const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`);
    const total = new Progress();
    const handled: Handled[] = [];
    const handle = async (item: Handled) => {
      await soon();
      handled.push(item);
      total.changed();
    };
    startConsumer(t, fixture.openBus(), handle);
    startConsumer(t, fixture.openBus(), handle);
    for (let round = 0; round < 10; round += 1) {
      await fixture.publish(keys.map((aggregateId) => ({ aggregateId, ordinal: round + 1 })));
    }
    await total.until(() => handled.length >= 100);
    for (const key of keys) t.same(ordinals(handled, key), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], `${key} in order, once`);
  });
}
