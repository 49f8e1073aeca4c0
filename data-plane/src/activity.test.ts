import t from 'tap';
import { createActivity } from './activity.js';

t.test('each is told of the others alone', async (t) => {
  let nowMs = 0;
  const activity = createActivity(() => nowMs);
  t.equal(activity.othersIdleMs('a'), Number.POSITIVE_INFINITY, 'nobody has asked anything');
  activity.note('a');
  t.equal(activity.othersIdleMs('a'), Number.POSITIVE_INFINITY, 'nobody else');
  t.equal(activity.othersIdleMs('b'), 0);
  nowMs = 100;
  activity.note('b');
  nowMs = 150;
  for (const id of ['a', 'a', 'a']) activity.note(id);
  t.equal(activity.othersIdleMs('a'), 50);
  t.equal(activity.othersIdleMs('b'), 0);
  t.equal(activity.othersIdleMs('c'), 0);
  nowMs = 200;
  activity.note('c');
  t.equal(activity.othersIdleMs('c'), 50, 'those who asked before are others');
  t.equal(activity.othersIdleMs('a'), 0);
});
