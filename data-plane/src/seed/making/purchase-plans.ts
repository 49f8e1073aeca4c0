import type { PurchaseOrderStatus } from '@platen/schema/states/purchase-order';

/** What became of a purchase order, and when: days before now. */
export interface PurchaseStory {
  readonly key: string;
  /** Of the suppliers, by number. */
  readonly supplier: number;
  /** What orders lack at the time, or some of what is sold all the time. */
  readonly lines: 'short' | 'replenish';
  readonly submitted: number | null;
  readonly approved?: number;
  readonly received?: { readonly daysAgo: number; readonly isPart: boolean };
  /** Billed as it was received, or with a dearer line and pieces that did not come. */
  readonly billed?: { readonly daysAgo: number; readonly isRight: boolean };
  readonly ended?: {
    readonly daysAgo: number;
    readonly status: 'closed' | 'rejected' | 'cancelled';
    readonly reason?: string;
  };
}

/** Oldest first: that is how they are numbered. */
export const purchaseStories: readonly PurchaseStory[] = [
  {
    key: 'spring',
    supplier: 0,
    lines: 'replenish',
    submitted: 44,
    approved: 43,
    received: { daysAgo: 38, isPart: false },
    billed: { daysAgo: 37, isRight: true },
    ended: { daysAgo: 30, status: 'closed' },
  },
  {
    key: 'twice',
    supplier: 1,
    lines: 'replenish',
    submitted: 33,
    approved: 32,
    ended: { daysAgo: 31, status: 'cancelled', reason: 'Ordered twice by mistake' },
  },
  {
    key: 'disputed',
    supplier: 1,
    lines: 'replenish',
    submitted: 24,
    approved: 23,
    received: { daysAgo: 17, isPart: false },
    billed: { daysAgo: 15, isRight: false },
  },
  {
    key: 'half-here',
    supplier: 0,
    lines: 'short',
    submitted: 7,
    approved: 6.5,
    received: { daysAgo: 2, isPart: true },
    billed: { daysAgo: 1, isRight: true },
  },
  {
    key: 'too-dear',
    supplier: 2,
    lines: 'replenish',
    submitted: 6,
    ended: { daysAgo: 5, status: 'rejected', reason: 'Half of it is enough until summer' },
  },
  { key: 'on-its-way', supplier: 1, lines: 'short', submitted: 3, approved: 2.5 },
  { key: 'asked-for', supplier: 2, lines: 'short', submitted: 1 },
  { key: 'noted', supplier: 0, lines: 'replenish', submitted: null },
];

export const statusOf = ({ submitted, approved, received, ended }: PurchaseStory): PurchaseOrderStatus => {
  if (ended) return ended.status;
  if (received) return received.isPart ? 'partially_received' : 'received';
  if (approved !== undefined) return 'approved';
  return submitted === null ? 'draft' : 'submitted';
};
