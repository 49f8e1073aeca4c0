import { test } from 'tap';
import { type Found, findBroken } from './oracle.js';

const event = (card: string, version: number) => ({ event_id: `${card}${version}`, card, version });
const [a2, a3, b2] = [event('a', 2), event('a', 3), event('b', 2)] as const;
const good: Found = {
  acknowledged: [
    { number: 0, card: 'a', version: 2 },
    { number: 1, card: 'b', version: 2 },
  ],
  stored: [a2, a3, b2],
  effects: [b2, a2, a3],
  without: [],
};

test('an event that nobody was told of is an event all the same', async (t) => {
  t.same(findBroken(good), []);
  t.same(findBroken({ ...good, acknowledged: [] }), []);
});

test('each promise, broken', async (t) => {
  const broken = (change: Partial<Found>) => findBroken({ ...good, ...change }).join('; ');
  t.match(broken({ stored: [a2, a3], effects: [a2, a3] }), /^write 1 was acknowledged as b:2 and is not stored$/);
  const twice = [...good.acknowledged, { number: 2, card: 'a', version: 2 }];
  t.match(broken({ acknowledged: twice }), /^write 2 was acknowledged as a:2/, 'two were told the same');
  t.match(broken({ effects: [a2, a3] }), /event b2 has 0 effects; effects of b are none/);
  t.match(broken({ effects: [a2, b2, a3, b2] }), /event b2 has 2 effects/);
  t.match(broken({ effects: [a3, a2, b2] }), /^effects of a are 3 2; its events are 2 3$/);
  t.match(broken({ effects: [...good.effects, event('c', 2)] }), /effect of c2, which is not stored/);
});

test('what was dropped has no effect', async (t) => {
  t.same(findBroken({ ...good, effects: [a3, b2], without: ['a2'] }), []);
  t.match(findBroken({ ...good, without: ['a2'] }).join(), /effect of a2, which is not stored or was dropped/);
});
