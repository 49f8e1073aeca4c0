import type { RetryPolicy } from '@platen/chassis/bus/bus';

/** What a consuming process is to do, in its first argument as JSON. */
export interface ConsumerTask {
  readonly number: number;
  /** Of the service `erp-worker`: where the planes are, and its credentials. */
  readonly planes: {
    readonly controlUrl: string;
    readonly dataUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  /** Null: events are pulled. */
  readonly brokers: readonly string[] | null;
  readonly effectsUrl: string;
  readonly retry: RetryPolicy | null;
  /** `<card>:<version>` of events whose handler fails. */
  readonly poison: readonly string[];
}

/** Seconds until others take over from a process that was killed; the least that a broker allows. */
export const takeOverSeconds = 6;
export const soakConsumer = 'soak';
export const soakTopic = 'erp.production_job';

/** From the parent. */
export type ConsumerOrder =
  /** After the next new effect is committed, tell of it, and settle nothing. */
  | { readonly kind: 'hold'; readonly round: number }
  /** Hold no more. */
  | { readonly kind: 'go' }
  | { readonly kind: 'mend'; readonly poison: string };
/** To the parent. */
export type ConsumerNews =
  /** It heeds orders and signals from now on. */
  | { readonly kind: 'ready' }
  /** This event's effect is committed, and the event not acknowledged. */
  | { readonly kind: 'held'; readonly round: number; readonly eventId: string };
