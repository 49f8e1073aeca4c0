import type { DnStatusWrite } from '@platen/schema/contracts/internal/deconetwork';
import { type OrderStatus, orderStatuses } from '@platen/schema/states/order';

export type WrittenStatus = DnStatusWrite['new_status'];
/** Of ours that a site is told, and what it calls them. */
export const toldStatuses = { ready: 'produced', shipped: 'shipped' } as const satisfies Partial<
  Record<OrderStatus, WrittenStatus>
>;
export type ToldStatus = keyof typeof toldStatuses;
export const ourStatusOf: Readonly<Record<WrittenStatus, ToldStatus>> = { produced: 'ready', shipped: 'shipped' };

/** How far along: a cancelled order is past everything. */
const rankOf = (status: unknown): number => stages.indexOf(status);
const stages: readonly unknown[] = orderStatuses;

const statusIn = (side: unknown): unknown =>
  typeof side === 'object' && side !== null && 'status' in side ? side.status : undefined;

/**
 * Whether the site has this status of its own, or one beyond: it told us so in the record that was last applied (`base`),
 * or was told by us (`written`). A status that came from there is not sent back, and a site never goes back.
 */
export function siteIsPast(map: { readonly base: unknown; readonly written: unknown }, status: ToldStatus): boolean {
  return Math.max(rankOf(statusIn(map.base)), rankOf(statusIn(map.written))) >= rankOf(status);
}
