/** One connection that sends one request of readings after the other, each until it is acknowledged. */
export interface Lane {
  readonly tenant: 'acme' | 'globex';
  /** Its own: nobody else sends for them. */
  readonly firstDevice: number;
  readonly devices: number;
  readonly metrics: number;
  /** Readings of each series in a request. */
  readonly perSeries: number;
  readonly fromMs: number;
  readonly stepMs: number;
  /** Null: the next one when the last is answered. */
  readonly everyMs: number | null;
  /** Before a request is sent again. */
  readonly retryMs: number;
}

export interface SentLane {
  readonly lane: Lane;
  /** Requests, all acknowledged. */
  readonly requests: number;
  /** Answers that were no acknowledgement; 0: none came. */
  readonly refusals: Readonly<Record<string, number>>;
  /** What was acknowledged otherwise than it should: a few of them. */
  readonly odd: readonly string[];
  readonly timesMs: readonly number[];
}

export interface SendOrder {
  readonly kind: 'send';
  readonly url: string;
  readonly lanes: readonly Lane[];
}
export type ToSender =
  | SendOrder
  | { readonly kind: 'tokens'; readonly tokens: Readonly<Record<Lane['tenant'], string>> }
  | { readonly kind: 'count' }
  | { readonly kind: 'end' };
export type FromSender =
  | { readonly kind: 'counted'; readonly readings: number; readonly requests: number }
  | { readonly kind: 'sent'; readonly lanes: readonly SentLane[] };

export const hostOf = (tenant: Lane['tenant']): string => `${tenant}.localhost`;
export const readingsOf = ({ devices, metrics, perSeries }: Lane): number => devices * metrics * perSeries;
/** Of the n-th reading of each series; a counter begins again now and then. */
export const valueAt = (n: number): number => n % valueCycle;
export const valueCycle = 1_000;
