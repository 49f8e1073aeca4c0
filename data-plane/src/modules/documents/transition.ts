import { AppError } from '@platen/chassis/http/app-error';
import type { StateMachine } from '@platen/schema/states/machine';
import { canMove } from '@platen/schema/states/machine';

/** Why a document does not go from one state to another. */
export const noWay = (from: string, to: string): string =>
  from === to ? `It is ${from} already` : `From ${from} there is no way to ${to}`;

/** @throws AppError illegal_transition, with the states that are open from here as `allowed` */
export function requireMove<S extends string>(machine: StateMachine<S>, from: S, to: S): void {
  if (!canMove(machine, from, to)) throw illegal(from, noWay(from, to), machine.moves[from]);
}

/** For what a document takes only in some states, without leaving them. */
export function requireStatus<S extends string>(from: S, taken: readonly S[], what: string): void {
  if (taken.includes(from)) return;
  throw illegal(from, `A document that is ${from} takes no ${what}`, taken);
}

/** `current` is the document's state: `status` is what RFC 9457 calls the answer's own. */
const illegal = (current: string, detail: string, allowed: readonly string[]): AppError =>
  new AppError('illegal_transition', detail, { extensions: { current, allowed } });

/** @throws AppError version_mismatch when the caller read an older version */
export function requireVersion(ctx: { readonly ifMatch: number | null }, version: number): void {
  if (ctx.ifMatch !== null && ctx.ifMatch !== version) {
    throw new AppError('version_mismatch', `The document is at version ${version}`, { extensions: { version } });
  }
}
