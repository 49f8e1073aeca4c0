import type { InputOf, OutputOf } from '@platen/schema/contract';
import type { outbox } from '@platen/schema/contracts/internal/outbox';

/** The calls about letters, as the internal SDK offers them; the same with every transport. */
export interface LettersClient {
  park(input: InputOf<typeof outbox.park>): Promise<OutputOf<typeof outbox.park>>;
  parkedKeys(input: InputOf<typeof outbox.parkedKeys>): Promise<OutputOf<typeof outbox.parkedKeys>>;
  retries(
    input: InputOf<typeof outbox.retries>,
    options: { readonly signal: AbortSignal },
  ): Promise<OutputOf<typeof outbox.retries>>;
  settle(input: InputOf<typeof outbox.settle>): Promise<unknown>;
}

export type NewLetter = InputOf<typeof outbox.park>['events'][number];
export type ParkAnswer = OutputOf<typeof outbox.park>['events'][number];
export type LeasedLetter = OutputOf<typeof outbox.retries>['letters'][number];
export type TryResult = InputOf<typeof outbox.settle>['result'];

/** By their code, because errors of a client are of the client's own class. */
const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
export const isLeaseLost = (error: unknown): boolean => hasCode(error, 'lease_lost');
/** The plane does not know the source (any more). */
export const isUnknownSource = (error: unknown): boolean => hasCode(error, 'unknown_reference');
