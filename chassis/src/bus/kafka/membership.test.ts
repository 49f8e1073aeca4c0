import { test } from 'tap';
import { recordLog } from '../../testkit/http.js';
import { defaultRetry } from '../bus.js';
import { createKeyLanes, type LaneItem } from '../key-lanes.js';
import { eventOf } from './kafka.fixture.js';
import { isNoMember, Membership } from './membership.js';

/** Items of different keys, of a consumer that handles one at a time. */
function start() {
  const stopping = new AbortController();
  const membership = new Membership(stopping.signal);
  const handled: string[] = [];
  let isWanted = true;
  const lanes = createKeyLanes({
    concurrency: 1,
    retry: defaultRetry,
    log: recordLog().log,
    stopping: stopping.signal,
    cut: stopping.signal,
    // The answer to a commit comes while the first of them is handled.
    handler: async ({ event }) => {
      if (handled.push(event.subject) === 1) membership.refused(membership.joinings);
    },
  });
  const itemOf = (key: string): LaneItem => ({
    topic: 'erp.quote',
    key,
    event: eventOf(key, 1),
    parked: false,
    park: async () => 'refused',
    isWanted: () => isWanted,
    get doubt() {
      return membership.doubt;
    },
  });
  const outcomes = Promise.all(['a', 'b', 'c'].map((key) => lanes.run(itemOf(key))));
  const lose = () => {
    isWanted = false;
  };
  return { stopping, membership, handled, outcomes, lose };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who is told to be no member begins nothing more, also of what waited for a place; then it goes on, or not', async (t) => {
  const kept = start();
  await turn();
  t.same(kept.handled, ['a']);
  kept.membership.joined();
  await kept.outcomes;
  t.same(kept.handled, ['a', 'b', 'c']);

  const lost = start();
  await turn();
  lost.lose();
  lost.membership.joined();
  t.same(
    (await lost.outcomes).map(({ kind }) => kind),
    ['done', 'abandoned', 'abandoned'],
  );
  t.same(lost.handled, ['a']);
});

test('a stop ends the doubt, and so does a joining that the answer is older than', async (t) => {
  const { stopping, outcomes, handled } = start();
  await turn();
  stopping.abort();
  await outcomes;
  t.same(handled, ['a']);

  const membership = new Membership(new AbortController().signal);
  membership.joined();
  membership.refused(0);
  t.equal(membership.doubt, null);
});

test('which answers say so', (t) => {
  const answer = (type: string) => Object.assign(new Error('as kafkajs has them'), { type });
  t.ok(isNoMember(answer('UNKNOWN_MEMBER_ID')));
  t.notOk(isNoMember(answer('NOT_COORDINATOR_FOR_GROUP')));
  t.notOk(isNoMember(new Error('UNKNOWN_MEMBER_ID')));
  t.end();
});
