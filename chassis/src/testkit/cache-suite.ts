import { randomUUID } from 'node:crypto';
import { type Test, test } from 'tap';
import { type Cache, maxEntryBytes } from '../cache/cache.js';

export interface CacheFixture {
  readonly cache: Cache;
  /** Resolves when so much time has passed for the entries. */
  pass(ms: number): Promise<void>;
}

/** What every cache must do, wherever it keeps its entries. `skip`: why it cannot run here. */
export function testCache(kind: string, open: (t: Test) => Promise<CacheFixture>, skip: string | false = false): void {
  const [one, two] = [randomUUID(), randomUUID()];

  test(`${kind}: keeps, replaces, deletes`, { skip }, async (t) => {
    const space = (await open(t)).cache.space('suite');
    t.equal(await space.get(one, 'a'), undefined);
    await space.set(one, 'a', 'first', 60_000);
    await space.set(one, 'a', '{"name":"Größe ✓ \\u0000"}', 60_000);
    t.equal(await space.get(one, 'a'), '{"name":"Größe ✓ \\u0000"}');
    await space.set(one, 'empty', '', 60_000);
    t.equal(await space.get(one, 'empty'), '', 'an empty value is a value');
    await space.delete(one, 'a');
    t.equal(await space.get(one, 'a'), undefined);
    await space.delete(one, 'never there');
  });

  test(`${kind}: a tenant and a purpose see their own entries only`, { skip }, async (t) => {
    const { cache } = await open(t);
    const space = cache.space('suite');
    await space.set(one, 'a', 'of one', 60_000);
    t.equal(await space.get(two, 'a'), undefined);
    t.equal(await cache.space('suite-2').get(one, 'a'), undefined);
    await space.delete(two, 'a');
    t.equal(await space.get(one, 'a'), 'of one');
    for (const key of [`:${one}:a`, `../${one}:a`, `${one}:a`, `\r\nDEL suite:${one}:a`, '*', 'a\u0000']) {
      t.equal(await space.get(two, key), undefined, `no way through ${JSON.stringify(key)}`);
      await space.delete(two, key);
    }
    t.equal(await space.get(one, 'a'), 'of one');
    for (const tenant of ['', '*', `${one}:`, `${one} `, `x:${one}`, one.toUpperCase()]) {
      await t.rejects(space.get(tenant, 'a'), /tenant/);
      await t.rejects(space.set(tenant, 'a', '', 1), /tenant/);
      await t.rejects(space.delete(tenant, 'a'), /tenant/);
    }
    for (const purpose of ['', 'a:b', 'Menu', 'a b']) t.throws(() => cache.space(purpose), /purpose/);
  });

  test(`${kind}: an entry ends with its time to live`, { skip }, async (t) => {
    const { cache, pass } = await open(t);
    const space = cache.space('suite');
    await space.set(one, 'short', 'value', 40);
    await space.set(one, 'long', 'value', 60_000);
    await space.set(one, 'replaced', 'value', 60_000);
    await space.set(one, 'replaced', 'value', 40);
    await space.set(one, 'fraction', 'value', 40.7);
    await pass(60);
    t.equal(await space.get(one, 'short'), undefined);
    t.equal(await space.get(one, 'replaced'), undefined);
    t.equal(await space.get(one, 'fraction'), undefined);
    t.equal(await space.get(one, 'long'), 'value');
    await space.set(one, 'long', 'over already', 0);
    t.equal(await space.get(one, 'long'), undefined, 'what is over takes the old value with it');
  });

  test(`${kind}: what is too large is not kept, nor what it replaces`, { skip }, async (t) => {
    const space = (await open(t)).cache.space('suite');
    await space.set(one, 'a', 'small', 60_000);
    await space.set(one, 'a', '✓'.repeat(maxEntryBytes / 3), 60_000);
    t.equal(await space.get(one, 'a'), undefined);
    const large = 'x'.repeat(maxEntryBytes - 200);
    await space.set(one, 'a', large, 60_000);
    t.equal(await space.get(one, 'a'), large);
  });
}
