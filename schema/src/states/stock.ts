/**
 * `internal` locations hold stock that is counted. The others are where it comes from and goes to: an entry has two ends,
 * and one of them may be the outside. `transit` lies between a workspace's location and the organization's, so that an
 * entry is always seen by whoever sees its location.
 */
export const stockLocationKinds = ['internal', 'supplier', 'customer', 'production', 'loss', 'transit'] as const;
export type StockLocationKind = (typeof stockLocationKinds)[number];

/** Why stock moved. */
export const stockMoveKinds = [
  'receipt',
  'adjustment',
  'transfer',
  'consumption',
  'give_back',
  'write_off',
  'scrap',
  'reprint',
  'shipment',
] as const;
export type StockMoveKind = (typeof stockMoveKinds)[number];

/** The kind of document that an entry comes from. */
export const stockSources = ['purchase_receipt', 'adjustment', 'transfer', 'order', 'production_job'] as const;
export type StockSource = (typeof stockSources)[number];
