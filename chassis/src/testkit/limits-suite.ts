import { randomUUID } from 'node:crypto';
import { type Test, test } from 'tap';
import { type RateLimit, type RateLimits, rateLimit, type Taken } from '../cache/token-buckets.js';

export interface LimitsFixture {
  /** Of one instance that nobody shares a bucket with yet. */
  readonly limits: RateLimits;
  readonly nowMs: () => number;
  /** Resolves when so much time has passed for the buckets. */
  pass(ms: number): Promise<void>;
  /** Resolves when what happens in the background has happened. */
  settled(): Promise<void>;
}

/** Nothing of note comes back while a test runs. */
const anHour = 3600;

/** What all limits must do, wherever their buckets are. `skip`: why they cannot run here. */
export function testLimits(
  kind: string,
  open: (t: Test) => Promise<LimitsFixture>,
  skip: string | false = false,
): void {
  const takeOf = (fixture: LimitsFixture) => async (key: string, limit: RateLimit, cost: number) => {
    const taken = fixture.limits.take(key, limit, cost, fixture.nowMs());
    await fixture.settled();
    return taken;
  };

  test(`${kind}: a quota and no more, told as it goes`, { skip }, async (t) => {
    const fixture = await open(t);
    const take = takeOf(fixture);
    const limit = rateLimit('read', 30, anHour);
    const key = randomUUID();
    for (let remaining = 29; remaining >= 0; remaining -= 1) {
      t.match(await take(key, limit, 1), { allowed: true, remaining }, `${remaining} left`);
    }
    const refused = await take(key, limit, 1);
    t.match(refused, { allowed: false, remaining: 0 });
    t.ok(refused.resetSeconds > 100 && refused.resetSeconds <= 120, 'until the next token');
    t.match(await take(randomUUID(), limit, 1), { allowed: true, remaining: 29 }, 'another key, another bucket');
  });

  test(`${kind}: a cost is taken whole or not at all`, { skip }, async (t) => {
    const take = takeOf(await open(t));
    const limit = rateLimit('write', 20, anHour);
    const key = randomUUID();
    t.match(await take(key, limit, 20), { allowed: true, remaining: 0 });
    t.match(await take(key, limit, 1), { allowed: false });
    const other = randomUUID();
    t.match(await take(other, limit, 15), { allowed: true, remaining: 5 });
    t.match(await take(other, limit, 6), { allowed: false });
    t.match(await take(other, limit, 5), { allowed: true, remaining: 0 });
  });

  test(`${kind}: a bucket refills by the time, up to its quota`, { skip }, async (t) => {
    const fixture = await open(t);
    const take = takeOf(fixture);
    const limit = rateLimit('read', 2, 1);
    const key = randomUUID();
    let taken: Taken = await take(key, limit, 1);
    for (let tries = 0; taken.allowed && tries < 100; tries += 1) taken = await take(key, limit, 1);
    t.match(taken, { allowed: false, resetSeconds: 1 });
    await fixture.pass(1_100);
    t.match(await take(key, limit, 1), { allowed: true, remaining: 1 });
  });

  test(`${kind}: a quota of nothing lets nothing through`, { skip }, async (t) => {
    t.match(await takeOf(await open(t))(randomUUID(), rateLimit('none', 0), 1), { allowed: false, remaining: 0 });
  });

  test(`${kind}: a plan that changes, changes the bucket`, { skip }, async (t) => {
    const take = takeOf(await open(t));
    const key = randomUUID();
    t.match(await take(key, rateLimit('read', 100, anHour), 1), { allowed: true, remaining: 99 });
    t.match(await take(key, rateLimit('read', 10, anHour), 1), { allowed: true, remaining: 9 });
    t.match(await take(key, rateLimit('read', 0, anHour), 1), { allowed: false });
  });
}
