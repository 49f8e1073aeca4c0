import t from 'tap';
import { createActivity } from '../../activity.js';
import { createPace } from './pace.js';

/** A clock that goes on by what is slept and done; others ask every 100 ms for as long as they are there. */
function virtualTime() {
  let nowMs = 0;
  const activity = createActivity(() => nowMs);
  let othersUntilMs = 0;
  const pass = async (ms: number) => {
    for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
      nowMs = Math.min(untilMs, Math.floor(nowMs / 100 + 1) * 100);
      if (nowMs <= othersUntilMs) activity.note('quiet');
    }
  };
  const pace = createPace({ activity, now: () => nowMs, sleep: pass });
  return {
    pace,
    pass,
    now: () => nowMs,
    othersUntil(ms: number) {
      othersUntilMs = ms;
      activity.note('quiet');
    },
    /** One batch after the other, each of so much; answers how many there were until then. */
    async flood(untilMs: number, batchMs: number): Promise<number> {
      let count = 0;
      for (; nowMs < untilMs; count += 1) {
        activity.note('flood');
        await (pace.turn('flood') ?? undefined);
        if (nowMs >= untilMs) break;
        const end = pace.begin('flood');
        await pass(batchMs);
        end(batchMs);
      }
      return count;
    },
  };
}

t.test('among others one has its share and no more; alone it has everything, at once', async (t) => {
  const { flood, othersUntil, now, pace } = virtualTime();
  othersUntil(60_000);
  const among = await flood(60_000, 40);
  const share = (among * 40) / 60_000;
  t.ok(share > 0.22 && share < 0.28, `${share} of the time`);
  t.ok(pace.hasOthers('flood'));
  const after = await flood(now() + 10_000, 40);
  t.ok(after > 9_000 / 40 - 2, 'a second after the last of the others it waits no more');
  t.notOk(pace.hasOthers('flood'));
  t.equal(pace.turn('flood'), null);
});

t.test('who was alone owes nothing when others come', async (t) => {
  const { flood, othersUntil, pace, pass, now } = virtualTime();
  t.equal(await flood(10_000, 1_000), 10);
  othersUntil(now() + 60_000);
  t.equal(pace.turn('flood'), null);
  const end = pace.begin('flood');
  t.ok(pace.waitMs('flood') > 0, 'not two things at once, by what the last one took');
  await pass(100);
  end(400);
  const waitMs = pace.waitMs('flood');
  await (pace.turn('flood') ?? undefined);
  t.ok(waitMs > 1_400 && waitMs < 1_600, `${waitMs} ms, of what it used since`);
});

t.test('who sends now and then never waits, whoever else is there', async (t) => {
  const { pace, pass, othersUntil } = virtualTime();
  othersUntil(120_000);
  let waits = 0;
  for (let n = 0; n < 600; n += 1) {
    if (pace.turn('modest') !== null) waits += 1;
    pace.begin('modest')(n % 10 === 0 ? 150 : 5);
    await pass(200);
  }
  t.equal(waits, 0);
});
