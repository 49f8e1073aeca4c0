import t from 'tap';
import { createTurns } from './turns.js';

/** Runs that end when they are told to, in the order in which they began. */
function openTurns(atOnce: number, restMs = 0, waitMs = (_item: { readonly id: string }) => 0) {
  const began: string[] = [];
  const ends: ((hasMore: boolean | Error) => void)[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const turns = createTurns<{ readonly id: string }>({
    atOnce,
    restMs,
    shareOfTime: 1_000,
    waitMs,
    run: ({ id }) =>
      new Promise((resolve, reject) => {
        began.push(id);
        ends.push((hasMore) => (hasMore instanceof Error ? reject(hasMore) : resolve(hasMore)));
        for (const one of waiting) if (began.length >= one.count) one.resolve();
      }),
  });
  return {
    turns,
    began,
    ask(...ids: string[]): void {
      for (const id of ids) turns.ask({ id });
    },
    end: (n: number, hasMore: boolean | Error) => ends[n]?.(hasMore),
    /** Until so many have begun. What is asked for keeps the process alive no longer than that. */
    begun: (count: number) =>
      new Promise<void>((resolve) => {
        const alive = setInterval(() => undefined, 1_000);
        const done = () => {
          clearInterval(alive);
          resolve();
        };
        if (began.length >= count) done();
        else waiting.push({ count, resolve: done });
      }),
  };
}

t.test('one with much to do is behind all others that wait', async (t) => {
  const { ask, began, end, begun } = openTurns(1);
  ask('big', 'b', 'c');
  end(0, true);
  await begun(2);
  end(1, false);
  await begun(3);
  end(2, false);
  await begun(4);
  t.same(began, ['big', 'b', 'c', 'big']);
  end(3, false);
});

t.test('so many at once, a key never twice, and once for all that asked before it began', async (t) => {
  const { ask, began, end, begun } = openTurns(2);
  ask('a', 'a', 'b', 'c', 'c');
  t.same(began, ['a', 'b']);
  end(1, false);
  await begun(3);
  t.same(began, ['a', 'b', 'c'], 'not a, which runs');
  end(0, false);
  await begun(4);
  t.same(began, ['a', 'b', 'c', 'a'], 'asked for while it ran: again after its rest');
  end(2, false);
  end(3, false);
});

t.test('who has to wait is behind others that come later, and goes on without being asked', async (t) => {
  const { ask, began, end, begun } = openTurns(1, 0, ({ id }) => (id === 'big' && began.length < 3 ? 5 : 0));
  ask('big', 'b');
  end(0, true);
  await begun(2);
  ask('c');
  end(1, false);
  await begun(3);
  t.same(began.slice(0, 2), ['big', 'b']);
  end(2, false);
  await begun(4);
  t.same(began.slice(2).toSorted(), ['big', 'c']);
  end(3, false);
});

t.test('one that fails is done again when it is asked for', async (t) => {
  const { ask, began, end, begun } = openTurns(1);
  ask('a', 'b');
  end(0, new Error('the database is away'));
  await begun(2);
  ask('a');
  end(1, false);
  await begun(3);
  t.same(began, ['a', 'b', 'a']);
  end(2, false);
});

t.test('stop waits for what runs, and nothing begins any more', async (t) => {
  const { turns, ask, began, end } = openTurns(1);
  ask('a', 'b');
  const order: string[] = [];
  const stopped = turns.stop().then(() => order.push('stopped'));
  ask('c');
  await new Promise(setImmediate);
  order.push('a ends');
  end(0, true);
  await stopped;
  await new Promise(setImmediate);
  t.same(order, ['a ends', 'stopped']);
  t.same(began, ['a']);
});
