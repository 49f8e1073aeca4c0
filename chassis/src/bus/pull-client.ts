import type { InputOf, OutputOf } from '@platen/schema/contract';
import type { outbox } from '@platen/schema/contracts/internal/outbox';
import type { LettersClient } from './letters-client.js';

/** The calls of the pull transport, as the internal SDK offers them. */
export interface PullClient extends LettersClient {
  pull(
    input: InputOf<typeof outbox.pull>,
    options: { readonly signal: AbortSignal },
  ): Promise<OutputOf<typeof outbox.pull>>;
  ack(input: InputOf<typeof outbox.ack>): Promise<OutputOf<typeof outbox.ack>>;
}

export type PulledEvent = OutputOf<typeof outbox.pull>['batches'][number]['events'][number];
