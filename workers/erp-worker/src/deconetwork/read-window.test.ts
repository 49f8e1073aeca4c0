import t, { type Test } from 'tap';
import { type ReadingPosition, readingStart, readWindow, type Window, type WindowRow } from './read-window.js';
import { ListUnsettled } from './sweep.js';

interface Item extends WindowRow {
  readonly modifiedAt: string;
  /** What the list may be sorted by, besides. */
  readonly other: number;
}
type Order = 'newest' | 'oldest' | 'other';

/** A small seeded generator: a run that fails is run again with its seed. */
function randomOf(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { below: (n: number) => Math.floor(next() * n), chance: (p: number) => next() < p };
}

/** A list at a site that changes between any two calls. */
function simulate(options: {
  seed: number;
  rows: number;
  order: Order;
  churn: number;
  deletes?: boolean;
  repeats?: boolean;
}) {
  const random = randomOf(options.seed);
  let nowMs = Date.parse('2026-06-01T00:00:00Z');
  let calls = 0;
  let made = 0;
  const items = new Map<string, Item>();
  const moment = () => new Date(nowMs).toISOString();
  const add = () => {
    made += 1;
    items.set(`INV${made}`, { id: `INV${made}`, modifiedAt: moment(), other: random.below(50) });
  };
  for (let n = 0; n < options.rows; n += 1) {
    nowMs += random.below(3) * 1_000;
    add();
  }
  const touched = new Set<string>();
  const removed = new Set<string>();
  const inBeginning = new Set(items.keys());
  let isQuiet = false;
  const drift = () => {
    if (isQuiet) return;
    for (let n = random.below(options.churn + 1); n > 0; n -= 1) {
      if (random.chance(0.7)) nowMs += 1_000;
      const ids = [...items.keys()];
      const id = ids[random.below(ids.length)];
      const kind = random.below(10);
      if (id === undefined || kind < 3) add();
      else if (options.deletes && kind < 5) {
        items.delete(id);
        removed.add(id);
      } else {
        const item = items.get(id);
        if (item)
          items.set(id, { ...item, modifiedAt: moment(), other: random.chance(0.2) ? random.below(50) : item.other });
        touched.add(id);
      }
    }
  };
  const sorted = ({ from, to }: Window): Item[] => {
    const rows = [...items.values()].filter(
      ({ modifiedAt }) =>
        (from === null || modifiedAt >= `${from.slice(0, 19)}.000Z`) && (to === null || modifiedAt <= to),
    );
    const key = ({ modifiedAt, other }: Item) => (options.order === 'other' ? other : Date.parse(modifiedAt));
    rows.sort((a, b) => key(a) - key(b));
    return options.order === 'oldest' ? rows : rows.reverse();
  };
  return {
    items,
    touched,
    removed,
    inBeginning,
    calls: () => calls,
    quiet: () => {
      isQuiet = true;
    },
    fetch: async (window: Window, offset: number, limit: number) => {
      calls += 1;
      if (calls > 1) drift();
      const all = sorted(window);
      const begin = options.repeats && offset > 0 && calls % 3 === 0 ? offset - 1 : offset;
      return { rows: all.slice(begin, offset + limit), total: all.length };
    },
  };
}

const forever: Window = { from: null, to: null };

/** By id, the last state that was handed on. */
async function readAll(list: ReturnType<typeof simulate>, window = forever, killAfter = Number.POSITIVE_INFINITY) {
  const got = new Map<string, string>();
  const states: string[] = [];
  let at: ReadingPosition = readingStart;
  let delivered = 0;
  const killed = new Error('killed');
  const io = {
    fetch: list.fetch,
    deliver: async (rows: readonly Item[], next: ReadingPosition) => {
      delivered += 1;
      if (delivered === killAfter) throw killed;
      for (const { id, modifiedAt } of rows) {
        states.push(`${id} ${modifiedAt}`);
        if (modifiedAt >= (got.get(id) ?? '')) got.set(id, modifiedAt);
      }
      at = next;
    },
  };
  const readTo = await readWindow(window, at, io).catch((error: unknown) => {
    if (error !== killed) throw error;
    // As another process, which knows the cursor and nothing else.
    return readWindow(window, JSON.parse(JSON.stringify(at)), io);
  });
  return { got, states, readTo };
}

function checkNothingMissed(
  t: Test,
  list: ReturnType<typeof simulate>,
  read: Awaited<ReturnType<typeof readAll>>,
  seed: string,
) {
  const { got, readTo } = read;
  const missed = [...list.inBeginning].filter((id) => !list.removed.has(id) && !got.has(id));
  if (missed.length > 0) t.fail(`${seed}: missed ${missed.length}: ${missed.slice(0, 5).join(' ')}`);
  // What is not known in its last state is dated after the end, so that the next reading has it.
  const stale = [...list.items.values()].filter(({ id, modifiedAt }) => got.get(id) !== modifiedAt);
  const lost = stale.filter(({ modifiedAt }) => readTo === null || modifiedAt < readTo);
  if (lost.length > 0)
    t.fail(
      `${seed}: lost ${lost
        .map(({ id }) => id)
        .slice(0, 5)
        .join(' ')}`,
    );
}

t.test('whatever the order and whatever changes between pages, nothing is missed', async (t) => {
  let runs = 0;
  for (const order of ['newest', 'oldest', 'other'] as const) {
    for (const churn of [0, 1, 5, 12]) {
      for (let seed = 1; seed <= 12; seed += 1) {
        const options = { seed: seed * 7_919 + churn, rows: 650, order, churn, repeats: seed % 2 === 0 };
        const list = simulate(options);
        checkNothingMissed(t, list, await readAll(list), JSON.stringify(options));
        runs += 1;
      }
    }
  }
  t.equal(runs, 144);
});

t.test('nor when records are deleted, and when the reader dies', async (t) => {
  for (const order of ['newest', 'oldest', 'other'] as const) {
    for (let seed = 1; seed <= 15; seed += 1) {
      const options = { seed: seed * 104_729, rows: 500, order, churn: 6, deletes: true };
      const list = simulate(options);
      checkNothingMissed(t, list, await readAll(list, forever, 1 + (seed % 7)), JSON.stringify(options));
    }
  }
  t.pass('all were read');
});

t.test('of a list that is still, each record comes once, in as many pages as it has', async (t) => {
  for (const order of ['newest', 'oldest'] as const) {
    const list = simulate({ seed: 5, rows: 1_000, order, churn: 0 });
    const { states, got } = await readAll(list);
    t.equal(states.length, 1_000);
    t.equal(got.size, 1_000);
    // Eleven pages of ninety new rows, the last asked for where the newest is not first, and once more what is newest.
    t.equal(list.calls(), order === 'newest' ? 12 : 14, order);
  }
});

t.test('what fits a page is asked for once', async (t) => {
  for (const order of ['newest', 'oldest', 'other'] as const) {
    for (const rows of [0, 1, 100]) {
      const list = simulate({ seed: 9, rows, order, churn: 0 });
      t.equal((await readAll(list)).got.size, rows);
      t.equal(list.calls(), 1);
    }
  }
});

t.test('a second reading from where the first ended has the rest', async (t) => {
  for (const order of ['newest', 'oldest', 'other'] as const) {
    const list = simulate({ seed: 42, rows: 700, order, churn: 10 });
    const first = await readAll(list);
    list.quiet();
    const second = await readAll(list, { from: first.readTo, to: null });
    const all = new Map([...first.got, ...second.got]);
    for (const { id, modifiedAt } of list.items.values()) {
      if (all.get(id) !== modifiedAt) t.fail(`${order}: ${id}`);
    }
  }
  t.pass('equal');
});

t.test('what leaves a window that has an end is not looked for; what stays is found', async (t) => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const list = simulate({ seed, rows: 600, order: seed % 2 === 0 ? 'newest' : 'oldest', churn: 8 });
    const to = '2026-06-01T00:08:00.000Z';
    const there = [...list.items.values()].filter(({ modifiedAt }) => modifiedAt <= to).map(({ id }) => id);
    const { got } = await readAll(list, { from: null, to });
    const missed = there.filter((id) => !list.touched.has(id) && !got.has(id));
    t.same(missed, [], `seed ${seed}`);
  }
});

t.test('a list that never keeps still is left for later', async (t) => {
  let n = 0;
  const io = {
    // Always others: no page shares anything with the one before.
    fetch: async () => ({
      rows: Array.from({ length: 100 }, () => {
        n += 1;
        return { id: `INV${n}`, modifiedAt: null };
      }),
      total: 10_000,
    }),
    deliver: async () => undefined,
  };
  await t.rejects(readWindow(forever, readingStart, io), ListUnsettled);
});

t.test('a position is small, whatever the ids are', async (t) => {
  const list = simulate({ seed: 3, rows: 400, order: 'newest', churn: 3 });
  let largest = 0;
  await readWindow(forever, readingStart, {
    fetch: async (window, offset, limit) => {
      const page = await list.fetch(window, offset, limit);
      return { ...page, rows: page.rows.map((row) => ({ ...row, id: `"\\${row.id}${'ü'.repeat(90)}` })) };
    },
    deliver: async (_rows, next) => {
      largest = Math.max(largest, JSON.stringify(next).length);
    },
  });
  t.ok(largest < 1_000, `${largest} characters`);
});
