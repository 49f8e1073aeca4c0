import t from 'tap';
import { scrapeRows } from './scrape-rows.js';
import { statement } from './statement.js';
import type { Queryable } from './types.js';

const lag = statement<{ n: number }>('test.scrape-rows', 'select 1 as n where $1');
const answering = (query: () => Promise<unknown[]>): Queryable => ({ query: query as Queryable['query'] });

t.test('a database that is away or silent is left out, and keeps nobody waiting for the others', async (t) => {
  // The wait for the silent holds up no process, which a test is.
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(alive));
  const asked: unknown[] = [];
  const here: Queryable = {
    query: async (...of) => {
      asked.push(of);
      return [{ n: 3 }] as never[];
    },
  };
  const away = answering(() => Promise.reject(new Error('connection refused')));
  const silent = answering(() => new Promise(() => undefined));
  const empty = answering(async () => []);
  const databases = Object.entries({ here, away, silent, empty }).map(([key, system]) => ({ key, system }));
  t.same(await scrapeRows(databases, lag, [true], 20), [
    { database: 'here', rows: [{ n: 3 }] },
    { database: 'empty', rows: [] },
  ]);
  t.same(asked, [[lag, [true]]]);
});

t.test('the wait for the silent ends with the last answer', async (t) => {
  const started = performance.now();
  t.same(await scrapeRows([{ key: 'here', system: answering(async () => []) }], lag, [], 60_000), [
    { database: 'here', rows: [] },
  ]);
  t.ok(performance.now() - started < 60_000);
});
