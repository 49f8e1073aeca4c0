import type { InputOf, OutputOf } from '@platen/schema/contract';
import type { outbox } from '@platen/schema/contracts/internal/outbox';

/** The two calls of the pull transport, as the internal SDK offers them. */
export interface PullClient {
  pull(
    input: InputOf<typeof outbox.pull>,
    options: { readonly signal: AbortSignal },
  ): Promise<OutputOf<typeof outbox.pull>>;
  ack(input: InputOf<typeof outbox.ack>): Promise<OutputOf<typeof outbox.ack>>;
}

export type PulledEvent = OutputOf<typeof outbox.pull>['batches'][number]['events'][number];
export type DeadLetter = NonNullable<InputOf<typeof outbox.ack>['dead_letters']>[number];

/** By its code, because errors of a client are of the client's own class. */
export const isLeaseLost = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'lease_lost';
