export const neighbourKinds = ['series', 'latest', 'post', 'orders'] as const;
export type NeighbourKind = (typeof neighbourKinds)[number];

export interface NeighbourOrder {
  readonly url: string;
  readonly token: string;
  readonly firstDevice: number;
  readonly devices: number;
  /** From when its series are read. */
  readonly fromMs: number;
  /** From one request to the next, of one kind after the other. */
  readonly everyMs: number;
  readonly seconds: number;
}

export interface NeighbourAnswers {
  readonly timesMs: Record<NeighbourKind, number[]>;
  readonly refusals: Record<string, number>;
}
