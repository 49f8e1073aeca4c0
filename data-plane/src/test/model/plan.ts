import type { ErrorCode } from '@platen/schema/errors';
import type { PermissionCode } from '@platen/schema/permissions';
import type { Masters, State } from './state.js';
import type { User } from './world.js';

/** What fast-check throws for one step; actions read from it what they need. */
export interface Dice {
  readonly pick: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A call that is about to be made, and what the model says of it. */
export interface Plan {
  /** For people who read a failure. */
  readonly text: string;
  readonly method?: 'POST' | 'PATCH';
  readonly url: string;
  readonly payload?: object;
  readonly permission: PermissionCode;
  /** The document that it changes; none: it makes one. */
  readonly target?: Target;
  /** The answer's status where all is well. */
  readonly status: 200 | 201;
  /**
   * Why not, as this user; undefined: it works. The permission, the sight and the version were in order. Where several
   * things are wrong at once, any of them may be said.
   */
  refuse(state: State, user: User): ErrorCode | readonly ErrorCode[] | undefined;
  /** What it does; `body` is the answer, of which only what the model cannot know is taken: ids, numbers, versions. */
  apply(state: State, user: User, body: AnswerBody): void;
  /** What is wrong with the answer, afterwards. */
  verify?(state: State, body: AnswerBody, user: User): string | undefined;
}
export interface Target {
  readonly id: string;
  readonly workspace: string | null;
  readonly version: number;
}
export type AnswerBody = ReturnType<typeof JSON.parse>;

export interface Action {
  readonly name: string;
  /** How often, among the others. */
  readonly weight: number;
  /** undefined: there is nothing to do it to. */
  plan(state: State, masters: Masters, dice: Dice): Plan | undefined;
}

/** An element, by a die of any size. */
export const pick = <T>(from: readonly T[], die: number): T | undefined => from[die % from.length];

/** Newer documents more often than old ones: that is where the work is. */
export const pickRecent = <T>(from: readonly T[], die: number): T | undefined =>
  die % 4 === 0 ? pick(from, die >> 2) : pick(from.slice(-6), die >> 2);

/** One that the call is meant for, where there is any; one time in eight, or where there is none then, any. */
export function pickAble<T>(all: readonly T[], isAble: (one: T) => boolean, { pick: die, c }: Dice): T | undefined {
  return c % 8 === 0 ? pickRecent(all, die) : pickRecent(all.filter(isAble), die);
}

export const wrong = (what: string, expected: unknown, found: unknown): string | undefined =>
  JSON.stringify(expected) === JSON.stringify(found)
    ? undefined
    : `${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`;

export const eur = (cents: number) => ({ amount: (cents / 100).toFixed(2), currency: 'EUR' });
export const cents = (money: { readonly amount: string }): number => Math.round(Number(money.amount) * 100);
