import { statement } from '@platen/chassis/db/statement';
import { AppError } from '@platen/chassis/http/app-error';
import type { JobState } from '@platen/schema/events/production-job';
import t from 'tap';
import {
  type Card,
  cardsOf,
  insertRanked,
  newStage,
  openProduction,
  printedOrder,
} from '../../test/production.fixture.js';
import { harbor, mainStreet, read } from '../../test/sales.fixture.js';
import { longestRank, ranksAfter } from './rank.js';

const floor = await openProduction(t);
const { ctxOf } = floor;
const { jobs } = floor.production;
const order = await printedOrder(floor, ctxOf());
const lineId = order.lines[0]?.id ?? '';
const fill = (stageId: string, count: number) =>
  insertRanked(ctxOf(), { lineId, stageId }, ranksAfter(null, count, ''));
const orderOf = async (stageId: string, workspaceId: string | null = mainStreet) =>
  (await cardsOf(floor, ctxOf({ workspaceId }), stageId)).map(({ id }) => id);

/** The same numbers in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const movedEvents = statement<{ payload: JobState & { from_stage_id: string } }>(
  'test.moved_events',
  `select payload from outbox_events where type = 'erp.production_job.moved' and payload ->> 'stage_id' = any ($1::text[])
  order by seq`,
  { parse: { payload: 'json' } },
);

t.test('of those who move the same card at once one wins, the others get the card as it is', async (t) => {
  const [from, to] = [await newStage(floor, ctxOf()), await newStage(floor, ctxOf())];
  const [id = ''] = await fill(from, 1);
  const answers = await Promise.allSettled(
    Array.from({ length: 12 }, () => jobs.move(ctxOf({ ifMatch: 1 }), id, { stage_id: to })),
  );
  t.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
  const [present] = await cardsOf(floor, ctxOf(), to);
  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    t.match(answer.reason, { code: 'version_mismatch', extensions: { version: 2 } });
    t.same(answer.reason.extensions.card, present);
  }
});

t.test('moves by chance, against plain lists', async (t) => {
  const random = randomFrom(41);
  const stageIds = [await newStage(floor, ctxOf()), await newStage(floor, ctxOf()), await newStage(floor, ctxOf())];
  const model = new Map<string, string[]>(stageIds.map((id) => [id, []]));
  const first = stageIds[0] ?? '';
  const cards = await fill(first, 12);
  model.set(first, [...cards]);
  for (let n = 0; n < 150; n += 1) {
    const card = cards[random(cards.length)] ?? '';
    const stageId = stageIds[random(3)] ?? '';
    for (const [id, list] of model)
      model.set(
        id,
        list.filter((other) => other !== card),
      );
    const list = model.get(stageId) ?? [];
    const at = random(list.length + 1);
    const [after, before] = [list[at - 1], list[at]];
    const how = random(4);
    const anchors = {
      ...((how === 0 || how === 2) && after !== undefined && { after_id: after }),
      ...((how === 1 || how === 2) && before !== undefined && { before_id: before }),
    };
    list.splice(Object.keys(anchors).length === 0 ? list.length : at, 0, card);
    // The whole organization's users and those of the workspace take turns: their ranks differ in kind.
    await jobs.move(ctxOf({ workspaceId: n % 3 === 0 ? null : mainStreet }), card, { stage_id: stageId, ...anchors });
    if (n % 10 !== 9) continue;
    for (const id of stageIds) t.same(await orderOf(id), model.get(id), `after ${n + 1} moves`);
  }
});

t.test('what a card was to stand next to is gone, or turned round', async (t) => {
  const [here, there] = [await newStage(floor, ctxOf()), await newStage(floor, ctxOf())];
  const [a = '', b = '', c = ''] = await fill(here, 3);
  const refused = { code: 'conflict' };
  await t.rejects(jobs.move(ctxOf(), a, { stage_id: there, after_id: b }), refused, 'not in that stage');
  await t.rejects(jobs.move(ctxOf(), a, { stage_id: here, after_id: a }), refused, 'next to itself');
  await t.rejects(jobs.move(ctxOf(), a, { stage_id: here, after_id: c, before_id: b }), refused);
  await t.rejects(jobs.move(ctxOf(), a, { stage_id: ctxOf().newId() }), { code: 'unknown_reference' });
  t.same(await orderOf(here), [a, b, c]);
});

t.test('fifty move cards at once', async (t) => {
  const limit = 9;
  const stageIds = [
    await newStage(floor, ctxOf()),
    await newStage(floor, ctxOf()),
    await newStage(floor, ctxOf(), { wip_limit: limit, wip_policy: 'block' }),
    await newStage(floor, ctxOf(), { wip_limit: 5, wip_policy: 'warn' }),
  ];
  const [first = '', second = '', blocked = '', warned = ''] = stageIds;
  const cards = [...(await fill(first, 20)), ...(await fill(second, 20))];
  const starts = new Map(cards.map((id, n) => [id, n < 20 ? first : second]));
  const wins = new Map<string, number>();
  const refusals = new Map<string, number>();
  let warnings = 0;

  /** Knows the board as it was when she came, and what she was told since. */
  const user = async (n: number): Promise<void> => {
    const random = randomFrom(n + 1);
    const known: Known = new Map();
    for (const [id, stage_id] of starts) known.set(id, { version: 1, stage_id });
    for (let turn = 0; turn < 6; turn += 1) {
      const id = cards[random(cards.length)] ?? '';
      const stage_id = stageIds[random(4)] ?? '';
      const there = [...known].filter(([other, card]) => other !== id && card.stage_id === stage_id);
      const anchor = there[random(there.length + 1)]?.[0];
      const side = random(2) === 0 ? 'after_id' : 'before_id';
      const body = { stage_id, ...(anchor !== undefined && { [side]: anchor }) };
      // Who is told that the card is another one now does it again with that.
      if (await attempt(known, id, body)) await attempt(known, id, body);
    }
  };
  type Known = Map<string, Pick<Card, 'version' | 'stage_id'>>;
  const attempt = async (known: Known, id: string, body: { stage_id: string }): Promise<boolean> => {
    const version = known.get(id)?.version ?? 1;
    try {
      const { card, wip } = read<{ card: Card; wip: { count: number; exceeded: boolean } }>(
        await jobs.move(ctxOf({ ifMatch: version }), id, body),
      );
      known.set(id, card);
      wins.set(`${id} ${version}`, (wins.get(`${id} ${version}`) ?? 0) + 1);
      if (wip.exceeded) warnings += 1;
      if (body.stage_id === blocked && wip.count > limit) t.fail(`${wip.count} in a stage for ${limit}`);
      return false;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
      if (error.code !== 'version_mismatch') return false;
      known.set(id, error.extensions['card'] as Card);
      return true;
    }
  };
  await Promise.all(Array.from({ length: 50 }, (_, n) => user(n)));
  t.same(
    [...refusals.keys()].filter((code) => !['version_mismatch', 'conflict', 'wip_limit_reached'].includes(code)),
    [],
  );
  t.ok(
    [...wins.values()].every((count) => count === 1),
    'each version of a card was moved on by one',
  );
  t.ok(warnings > 0, 'a limit that warns is passed, and says so');

  // Every event once, in the order in which they were written; the versions say what is newer.
  const states = new Map<string, { version: number; stage: string; rank: string }>();
  const inBlocked = new Set<string>();
  for (const { payload } of await ctxOf().db.leased.query(movedEvents, [stageIds])) {
    const { job_id: id, version, stage_id: stage, rank } = payload;
    t.ok(version > (states.get(id)?.version ?? 1), 'no event comes late');
    states.set(id, { version, stage, rank: rank ?? '' });
    if (stage === blocked) inBlocked.add(id);
    else inBlocked.delete(id);
    t.ok(inBlocked.size <= limit);
  }
  const byRank = (a: string, b: string) => ((states.get(a)?.rank ?? '') < (states.get(b)?.rank ?? '') ? -1 : 1);
  for (const stageId of [blocked, warned]) {
    const replayed = [...states].filter(([, { stage }]) => stage === stageId).map(([id]) => id);
    t.same(await orderOf(stageId), replayed.sort(byRank), 'the board is what the events tell');
    const ranks = (await cardsOf(floor, ctxOf(), stageId)).map(({ rank }) => rank);
    t.equal(new Set(ranks).size, ranks.length);
  }
  const total = [...wins.values()].length;
  t.comment(`measured: ${total} moves stood, ${JSON.stringify(Object.fromEntries(refusals))} refused`);
});

const renewals = statement<{
  workspace_id: string;
  payload: { jobs: { job_id: string; version: number; rank: string }[] };
}>(
  'test.renewals',
  `select workspace_id, payload from outbox_events
  where type = 'erp.production_job.ranks_renewed' and payload ->> 'stage_id' = $1 order by seq`,
  { parse: { payload: 'json' } },
);

t.test('long ranks are renewed: the order stays, for every workspace and for the organization', async (t) => {
  const stageId = await newStage(floor, ctxOf());
  const long = `a1${'0'.repeat(longestRank - 1)}1`;
  const mine = await insertRanked(ctxOf(), { lineId, stageId }, ['a0', 'a1', long, 'a3']);
  const theirs = await insertRanked(ctxOf({ workspaceId: null }), { lineId, stageId, workspaceId: harbor }, [
    'a0V',
    'a2',
  ]);
  const whole = { lineId, stageId };
  const before = await orderOf(stageId, null);
  t.equal(before.length, 6);
  const [first = '', , third = '', last = ''] = mine;
  // Between the two that are closest: that rank is longer still.
  await jobs.move(ctxOf(), last, { stage_id: whole.stageId, before_id: third });
  const expected = before.filter((id) => id !== last);
  expected.splice(expected.indexOf(third), 0, last);
  t.same(await orderOf(stageId, null), expected);
  const ranks = (await cardsOf(floor, ctxOf({ workspaceId: null }), stageId)).map(({ rank }) => rank ?? '');
  t.ok(
    ranks.every((rank) => rank.length < 4),
    ranks.join(' '),
  );

  const told = await ctxOf().db.leased.query(renewals, [stageId]);
  t.same(
    told.map(({ workspace_id, payload }) => [workspace_id, payload.jobs.map(({ job_id }) => job_id).sort()]).sort(),
    [
      [mainStreet, mine.toSorted()],
      [harbor, theirs.toSorted()],
    ].sort(),
    'each workspace of its own cards',
  );
  const [card] = await cardsOf(floor, ctxOf(), stageId);
  t.match(card, { id: first, version: 2 });
  t.equal(told.flatMap(({ payload }) => payload.jobs).find(({ job_id }) => job_id === first)?.version, 2);
});

t.test('ranks are renewed while others move cards', async (t) => {
  const stageId = await newStage(floor, ctxOf());
  const long = `a0${'0'.repeat(longestRank - 1)}1`;
  const cards = await insertRanked(ctxOf(), { lineId, stageId }, ['a0', long, ...ranksAfter('a1', 18, '')]);
  const [top = '', next = '', ...others] = cards;
  const answers = await Promise.allSettled(
    others.map((id, n) => jobs.move(ctxOf(), id, { stage_id: stageId, ...(n % 2 === 0 && { before_id: next }) })),
  );
  t.same(
    answers.filter(({ status }) => status === 'rejected'),
    [],
  );
  const present = await cardsOf(floor, ctxOf(), stageId);
  t.same(present.map(({ id }) => id).toSorted(), cards.toSorted(), 'none is lost');
  const ids = present.map(({ id }) => id);
  t.equal(ids[0], top);
  t.equal(ids.indexOf(next), 1 + others.length / 2, 'half of them went before it');
  t.ok(present.every(({ rank }) => (rank ?? '').length <= longestRank));
  t.ok((await ctxOf().db.leased.query(renewals, [stageId])).length > 0);
});
