import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { v7 } from 'uuid';
import type { Answer } from '../../testkit/test-plane.js';
import { faultsOf } from './invariants.js';
import { type Attempt, explain } from './linearize.js';
import { type Dice, type Plan, pick } from './plan.js';
import { readState } from './read-state.js';
import type { State } from './state.js';
import { actions, send, userFor } from './step.js';
import type { Shop, World } from './world.js';

/** Calls that are made at once. */
interface Throw {
  readonly action: (typeof actions)[number];
  readonly dice: Dice;
  readonly who: number;
  /** On the version that was read before: of two such calls on one document one is refused. */
  readonly isFresh: boolean;
  /** Sent twice with one key. */
  readonly isTwin: boolean;
}

export interface TogetherCounts {
  calls: number;
  batches: number;
  /** Batches for which no order in which the calls may have happened was looked for to the end. */
  undecided: number;
  readonly answers: Record<string, number>;
  /** By kind of call: how often it worked. */
  readonly worked: Record<string, number>;
}

const die = fc.nat({ max: 4095 });
const throwArbitrary: fc.Arbitrary<Throw> = fc.record({
  action: fc.oneof(...actions.map((action) => ({ weight: action.weight, arbitrary: fc.constant(action) }))),
  dice: fc.record({ pick: die, a: die, b: die, c: die }),
  who: die,
  isFresh: fc.boolean(),
  isTwin: fc.nat({ max: 9 }).map((n) => n === 0),
});
/** In every other batch they meet at the same document. */
const batchArbitrary = fc
  .tuple(fc.array(throwArbitrary, { minLength: 4, maxLength: 8 }), fc.option(die))
  .map(([batch, same]) =>
    same === null ? batch : batch.map((one) => ({ ...one, dice: { ...one.dice, pick: same, c: one.dice.c | 1 } })),
  );

const noCounts = (): TogetherCounts => ({ calls: 0, batches: 0, undecided: 0, answers: {}, worked: {} });

export interface TogetherRun {
  readonly seed: number;
  readonly calls: number;
  /** In one shop. */
  readonly batches?: number;
}

/** Batches of calls at once: no call fails of itself, nothing is broken, and the outcome is one of some order of them. */
export async function runTogether(world: World, { seed, calls, batches = 40 }: TogetherRun): Promise<TogetherCounts> {
  const counts = noCounts();
  const alone = noCounts();
  const property = fc.asyncProperty(
    fc.noBias(fc.array(batchArbitrary, { minLength: batches, maxLength: batches, size: 'max' })),
    async (thrown) => {
      const shop = await world.openShop();
      let state = await readState(shop);
      // First one after the other, so that there is something to meet at.
      const [opening, meetings] = [thrown.slice(0, batches / 4), thrown.slice(batches / 4)];
      for (const one of opening.flat()) state = await runBatch(shop, state, [one], alone);
      for (const batch of meetings) state = await runBatch(shop, state, batch, counts);
    },
  );
  for (let run = 0; counts.calls < calls; run += 1) {
    // What depends on who came first fails another time elsewhere: there is no shorter case to look for.
    const details = await fc.check(property, { seed: seed + run, numRuns: 1, endOnFailure: true });
    if (details.failed) throw new Error(`seed ${seed + run}: ${messageOf(details.errorInstance)}`);
  }
  return counts;
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

async function runBatch(shop: Shop, state: State, batch: readonly Throw[], counts: TogetherCounts): Promise<State> {
  const attempts = await Promise.all(batch.map((thrown) => attempt(shop, state, thrown)));
  const made = attempts.filter((each) => each !== undefined).sort((a, b) => a.arrived - b.arrived);
  counts.calls += made.length;
  counts.batches += 1;
  for (const { answer, kind } of made) {
    const name = answer.status < 300 ? `${answer.status}` : `${answer.status} ${answer.body?.code}`;
    counts.answers[name] = (counts.answers[name] ?? 0) + 1;
    if (answer.status < 300) counts.worked[kind] = (counts.worked[kind] ?? 0) + 1;
  }
  const tables = await readState(shop);
  const faults = [
    ...made.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
    ...made.filter(({ answer }) => answer.status >= 429).map(({ answer }) => `was answered ${answer.text}`),
    ...(await faultsOf(shop)),
  ];
  if (faults.length === 0) {
    const verdict = explain(state, tables, made);
    if (verdict === 'undecided') counts.undecided += 1;
    else if (verdict !== undefined) faults.push(verdict);
  }
  await nextTurn();
  if (faults.length === 0) return tables;
  const said = made.map(
    ({ user, plan, answer, ifMatch }) =>
      `${user.name}: ${plan.text}${ifMatch === undefined ? '' : ` at ${ifMatch}`} -> ${answer.status} ${answer.body?.code ?? ''}`,
  );
  throw new Error(`${faults.join('\n  ')}\nafter, at once:\n  ${said.join('\n  ')}`);
}

/** Of the kind that was thrown, or of another one that acts on a document that is there. */
function planOf(
  { masters }: Shop,
  state: State,
  { action, dice }: Throw,
): { readonly plan: Plan; readonly kind: string } | undefined {
  const plan = action.plan(state, masters, dice);
  if (plan) return { plan, kind: action.name };
  const others = actions.flatMap((each) => {
    const other = each.plan(state, masters, dice);
    return other?.target ? [{ plan: other, kind: each.name }] : [];
  });
  return pick(others, dice.b);
}

async function attempt(
  shop: Shop,
  state: State,
  thrown: Throw,
): Promise<(Attempt & { readonly kind: string }) | undefined> {
  const planned = planOf(shop, state, thrown);
  if (!planned) return undefined;
  const { plan, kind } = planned;
  const user = userFor(shop.users, state, plan, thrown.who);
  const ifMatch = thrown.isFresh ? plan.target?.version : undefined;
  const options = { ...(plan.method !== 'PATCH' && { key: v7() }), ...(ifMatch !== undefined && { ifMatch }) };
  const isTwin = thrown.isTwin && plan.method !== 'PATCH';
  const [one, other] = await Promise.all(
    (isTwin ? [0, 1] : [0]).map(async () => {
      const answer = await send(user.call, plan, options);
      return { answer, arrived: performance.now() };
    }),
  );
  if (!one) throw new Error('nothing was sent');
  const about = { plan, user, kind, ...(ifMatch !== undefined && { ifMatch }) };
  if (!other) return { ...about, ...one };
  const [first, second] = isWaiting(one.answer) ? [other, one] : [one, other];
  const isSame = isWaiting(second.answer) || second.answer.status === first.answer.status;
  const isOnce = first.answer.status >= 300 || isWaiting(second.answer) || first.answer.text === second.answer.text;
  // Failures keep no key, so the other one may have been made after it.
  const worked = [first, second].find(({ answer }) => answer.status < 300) ?? first;
  const fault =
    (isSame && isOnce) || first.answer.status >= 300 || second.answer.status >= 300
      ? undefined
      : 'one key was answered twice';
  return { ...about, ...worked, ...(fault !== undefined && { fault }) };
}

const isWaiting = ({ body }: Answer): boolean => body?.code === 'idempotency_in_flight';
