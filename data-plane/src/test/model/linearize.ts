import type { Answer } from '../../testkit/test-plane.js';
import { differences } from './compare-state.js';
import type { Plan } from './plan.js';
import { type State, sizesOf } from './state.js';
import { expected } from './step.js';
import type { User } from './world.js';

export interface Attempt {
  readonly plan: Plan;
  readonly user: User;
  readonly ifMatch?: number;
  readonly answer: Answer;
  /** When its answer came: close to the order in which they were done. */
  readonly arrived: number;
  readonly fault?: string;
}

const mostTries = 4_000;

/**
 * Looks for an order in which the calls, one after the other, would have been answered as they were and left what is there.
 * undefined: there is one. `conflict` and `contended` ask to try again and did nothing, so they fit anywhere. Who waits for
 * stock may be passed over while somebody else holds his order: whom what is promised to is not compared.
 */
export function explain(before: State, after: State, attempts: readonly Attempt[]): string | 'undecided' | undefined {
  const calls = attempts.filter(({ answer }) => !['conflict', 'contended'].includes(answer.body?.code));
  const wanted = withoutPromises(after);
  let tries = 0;
  let closest: string[] = [];
  let deepest = -1;
  const search = (state: State, left: readonly Attempt[]): boolean => {
    if (left.length === 0) {
      const found = differences(withoutPromises(state), wanted);
      if (deepest < attempts.length || found.length < closest.length) closest = found;
      deepest = attempts.length;
      return found.length === 0;
    }
    for (const call of left) {
      tries += 1;
      if (tries > mostTries) return false;
      const next = after1(state, call);
      if (!next) {
        if (calls.length - left.length > deepest) {
          deepest = calls.length - left.length;
          closest = [`${call.user.name}: ${call.plan.text} cannot come after ${deepest} of the others`];
        }
        continue;
      }
      const others = left.filter((other) => other !== call);
      if (search(next, others)) return true;
    }
    return false;
  };
  if (search(before, calls)) return undefined;
  return tries > mostTries ? 'undecided' : `no order of the calls explains the outcome; closest: ${closest.join('; ')}`;
}

/** The state after the call; undefined: it would have been answered otherwise. */
function after1(state: State, { plan, user, ifMatch, answer }: Attempt): State | undefined {
  const current = [...state.orders, ...state.purchases, ...state.jobs].find(({ id }) => id === plan.target?.id);
  const isStale = ifMatch !== undefined && current !== undefined && current.version !== ifMatch;
  const codes = expected(state, plan, user, isStale ? 'stale' : 'plain');
  const isFine = codes.length === 0 ? answer.status === plan.status : codes.includes(answer.body?.code);
  if (!isFine) return undefined;
  if (codes.length > 0) return state;
  const next = structuredClone(state);
  plan.apply(next, user, answer.body);
  return next;
}

function withoutPromises(state: State): State {
  const copy = structuredClone(state);
  delete copy.put;
  for (const order of copy.orders) for (const size of sizesOf(order)) size.promises = {};
  for (const [stage, cards] of Object.entries(copy.board)) copy.board[stage] = cards.toSorted();
  for (const list of [copy.orders, copy.purchases, copy.jobs]) list.sort((a, b) => (a.id < b.id ? -1 : 1));
  return copy;
}
