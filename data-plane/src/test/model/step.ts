import fc from 'fast-check';
import { v7 } from 'uuid';
import type { Answer } from '../../testkit/test-plane.js';
import { compareReads } from './compare-reads.js';
import { differences, settleBoard } from './compare-state.js';
import { faultsOf } from './invariants.js';
import { jobActions } from './job-actions.js';
import { orderActions } from './order-actions.js';
import { type Action, type Dice, type Plan, pick } from './plan.js';
import { purchaseActions } from './purchase-actions.js';
import { readState } from './read-state.js';
import type { Masters, State } from './state.js';
import { mayChange } from './stock.js';
import { stockActions } from './stock-actions.js';
import { strangers } from './users.js';
import type { Call, Shop, User } from './world.js';

export const actions: readonly Action[] = [...orderActions, ...stockActions, ...purchaseActions, ...jobActions];

/** How a call may be made otherwise than well. */
export const twists = ['plain', 'fresh', 'stale', 'replayed', 'reused', 'missing', 'stranger'] as const;
export type Twist = (typeof twists)[number];

export interface Model {
  state: State;
  readonly masters: Masters;
  /** Made in this run. */
  steps: number;
}
export interface Counts {
  steps: number;
  readonly answers: Record<string, number>;
  /** By kind of call: how often it worked. */
  readonly worked: Record<string, number>;
}

/** Mostly somebody who can do it, else somebody who may; sometimes anybody. */
export function userFor(users: readonly User[], state: State, plan: Plan, die: number): User {
  const allowed = users.filter(
    ({ permissions, workspace }) =>
      permissions.has(plan.permission) && (!plan.target || mayChange(workspace, plan.target)),
  );
  const able = allowed.filter((user) => plan.refuse(state, user) === undefined);
  const [first, second] = die % 8 < 5 ? [able, allowed] : die % 8 < 7 ? [allowed, users] : [users, users];
  const user = pick(first, die >> 3) ?? pick(second, die >> 3) ?? users[0];
  if (!user) throw new Error('nobody');
  return user;
}

/** What may be answered: codes, or none where it works. */
export function expected(state: State, plan: Plan, user: User, twist: Twist): readonly string[] {
  if (!user.permissions.has(plan.permission)) return ['permission_denied'];
  const isThere = !plan.target || mayChange(user.workspace, plan.target);
  if (!isThere || twist === 'missing') return ['not_found'];
  const refusal = plan.refuse(state, user);
  const refusals = refusal === undefined ? [] : typeof refusal === 'string' ? [refusal] : refusal;
  // Of a document that is in no state for it, and has changed since, either may be said.
  if (twist === 'stale')
    return refusals[0] === 'illegal_transition' ? [...refusals, 'version_mismatch'] : ['version_mismatch'];
  return refusals;
}

export const send = (call: Call, plan: Plan, options: { key?: string; ifMatch?: number; url?: string } = {}) => {
  const { url = plan.url, ...rest } = options;
  return call(plan.method ?? 'POST', url, { ...rest, ...(plan.payload && { payload: plan.payload }) });
};

export function judge(plan: Plan, codes: readonly string[], { status, body }: Answer): string | undefined {
  const fine = codes.length === 0 ? status === plan.status : codes.includes(body?.code);
  if (fine) return undefined;
  const [wanted] = codes.length === 0 ? [`${plan.status}`] : [codes.join(' or ')];
  return `expected ${wanted}, was answered ${status} ${JSON.stringify(body)?.slice(0, 400)}`;
}

interface Throw {
  readonly action: Action;
  readonly dice: Dice;
  readonly who: number;
  readonly twist: Twist;
}

class Step implements fc.AsyncCommand<Model, Shop> {
  private readonly thrown: Throw;
  private readonly counts: Counts;
  private said: string;

  constructor(thrown: Throw, counts: Counts) {
    this.thrown = thrown;
    this.counts = counts;
    this.said = `(${thrown.action.name})`;
  }

  check(model: Readonly<Model>): boolean {
    return this.planOn(model) !== undefined;
  }

  toString(): string {
    return this.said;
  }

  private planOn({ state, masters }: Readonly<Model>): Plan | undefined {
    return this.thrown.action.plan(state, masters, this.thrown.dice);
  }

  async run(model: Model, shop: Shop): Promise<void> {
    const plan = this.planOn(model);
    if (!plan) return;
    const twist = twistOf(plan, this.thrown.twist);
    const user = userFor(shop.users, model.state, plan, this.thrown.who);
    this.said = `${user.name}: ${plan.text}${twist === 'plain' ? '' : ` (${twist})`}`;
    this.counts.steps += 1;
    const fault = twist === 'stranger' ? await this.intrude(plan, shop) : await this.attempt(model, plan, user, twist);
    await this.settle(model, shop, fault);
  }

  private async attempt(model: Model, plan: Plan, user: User, twist: Twist): Promise<string | undefined> {
    const codes = expected(model.state, plan, user, twist);
    const key = v7();
    const answer = await send(user.call, plan, {
      ...(plan.method !== 'PATCH' && { key }),
      ...(plan.target && twist === 'fresh' && { ifMatch: plan.target.version }),
      ...(plan.target && twist === 'stale' && { ifMatch: plan.target.version + 1 }),
      ...(plan.target && twist === 'missing' && { url: plan.url.replace(plan.target.id, v7()) }),
    });
    this.count(answer);
    const misjudged = judge(plan, codes, answer);
    if (misjudged) return misjudged;
    if (codes.length > 0) return undefined;
    const { name } = this.thrown.action;
    this.counts.worked[name] = (this.counts.worked[name] ?? 0) + 1;
    plan.apply(model.state, user, answer.body);
    const wrong = plan.verify?.(model.state, answer.body, user);
    return wrong ?? (await repeat(plan, user, twist, key, answer));
  }

  /** Somebody of elsewhere learns nothing and changes nothing, whatever he may do at home. */
  private async intrude(plan: Plan, shop: Shop): Promise<string | undefined> {
    const name = pick(strangers, this.thrown.who) ?? strangers[0];
    this.said = `${name}: ${plan.text}`;
    const answer = await send(shop.strangers[name], plan, plan.method === 'PATCH' ? {} : { key: v7() });
    this.count(answer);
    return judge(
      plan,
      plan.url.includes('-') && plan.target ? ['not_found'] : ['not_found', 'unknown_reference'],
      answer,
    );
  }

  private async settle(model: Model, shop: Shop, fault: string | undefined): Promise<void> {
    const faults = fault === undefined ? [] : [fault];
    const tables = await readState(shop);
    const misplaced = settleBoard(model.state, tables);
    if (misplaced) faults.push(misplaced);
    faults.push(...differences(model.state, tables), ...(await faultsOf(shop)));
    model.steps += 1;
    if (faults.length === 0 && model.steps % 40 === 0) faults.push(...(await compareReads(shop, model)));
    if (faults.length > 0) throw new Error(`${this.said}\n  ${faults.join('\n  ')}`);
  }

  private count({ status, body }: Answer): void {
    const name = status < 300 ? `${status}` : `${status} ${body?.code}`;
    this.counts.answers[name] = (this.counts.answers[name] ?? 0) + 1;
  }
}

/** A twist that the call can have. */
function twistOf({ target, method, url }: Plan, twist: Twist): Twist {
  // At home a stranger may well repair his own stock.
  if (twist === 'stranger' && url === '/api/erp/stock/check') return 'plain';
  if (!target && ['fresh', 'stale', 'missing'].includes(twist)) return 'plain';
  return method === 'PATCH' && ['replayed', 'reused'].includes(twist) ? 'plain' : twist;
}

/** The same key again: the same answer and no second effect; with another body it is refused. */
async function repeat(plan: Plan, user: User, twist: Twist, key: string, first: Answer): Promise<string | undefined> {
  if (twist === 'replayed') {
    const again = await send(user.call, plan, { key });
    const isSame = again.status === first.status && again.text === first.text;
    return isSame ? undefined : `the repeated key was answered ${again.status} ${again.text.slice(0, 300)}`;
  }
  if (twist === 'reused') {
    const other = plan.url.includes('confirm') ? '/api/erp/orders' : plan.url;
    const again = await user.call('POST', other, { key, payload: { ...plan.payload, lines: [] } });
    return again.status >= 400 && again.status < 500 ? undefined : `the reused key was answered ${again.status}`;
  }
  return undefined;
}

const die = fc.nat({ max: 4095 });
const weights: Readonly<Record<Twist, number>> = {
  plain: 60,
  fresh: 20,
  stale: 6,
  replayed: 6,
  reused: 2,
  missing: 2,
  stranger: 4,
};

/** Kinds of calls that a run dwells on: else what needs a long way to get to is seldom seen. */
const foci: readonly (readonly Action[])[] = [[], jobActions, [...stockActions, ...purchaseActions]];

/** Steps of all kinds, each as often as its weight says: unbiased, as small numbers first are the same document each time. */
export function stepArbitraries(counts: Counts, run: number): fc.Arbitrary<fc.AsyncCommand<Model, Shop>>[] {
  const focus = foci[run % foci.length] ?? [];
  const weighted = actions.map((action) => ({
    weight: action.weight * (focus.includes(action) ? 4 : 1),
    arbitrary: fc.constant(action),
  }));
  const parts = fc.tuple(
    fc.oneof(...weighted),
    fc.record({ pick: die, a: die, b: die, c: die }),
    die,
    fc.oneof(...twists.map((twist) => ({ weight: weights[twist], arbitrary: fc.constant(twist) }))),
  );
  return [fc.noBias(parts.map(([action, dice, who, twist]) => new Step({ action, dice, who, twist }, counts)))];
}
