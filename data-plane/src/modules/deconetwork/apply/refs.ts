import type { DnMapDetail } from '@platen/schema/contracts/data/dn-shapes';
import type { DnMapKind } from '@platen/schema/states/deconetwork';
import { putUpForReview } from '../maps/put-up-for-review.js';
import type { NamedRecord } from '../maps/suggest.js';
import type { Told, Work } from './call.js';
import { bookKey, listMaps, type MapBook, type MapRow } from './maps-repo.js';

/** A record that another one names. */
export interface Wanted {
  readonly kind: DnMapKind;
  readonly dnId: string;
  readonly label: string;
  readonly detail: DnMapDetail;
}

export const isMapped = (map: MapRow | undefined): map is MapRow =>
  map?.state === 'mapped' && (map.local_id !== null || map.local_code !== null);

/**
 * Puts up for review what was never heard of, with what it may be. What has no suggestion, and is of a kind that is to be
 * made, can be made then.
 */
export async function meetAll(work: Work, book: MapBook, wanted: readonly Wanted[]): Promise<void> {
  const strangers = wanted.filter(({ kind, dnId }) => !book.has(bookKey(kind, dnId)));
  if (strangers.length === 0) return;
  const named = strangers.map(({ kind, dnId, label, detail }): NamedRecord => ({ kind, dn_id: dnId, label, detail }));
  await putUpForReview(work.tx, work.connection, named, () => work.ctx.newId());
  for (const [key, map] of await listMaps(work.tx, work.connection.id, strangers)) book.set(key, map);
}

/** Whether it waits without a suggestion, and is to be made. */
export const mayMake = (work: Work, map: MapRow | undefined, kind: 'product' | 'customer'): boolean =>
  map?.state === 'review' && map.suggested_id === null && work.options.createMissing.includes(kind);

const named = 5;

/** The record waits for somebody to say what these are here. */
export function waitsFor(work: Pick<Work, 'options'>, book: MapBook, wanted: readonly Wanted[]): NonNullable<Told> {
  const open = wanted.filter(({ kind, dnId }) => !isMapped(book.get(bookKey(kind, dnId))));
  const distinct = [...new Map(open.map((each) => [bookKey(each.kind, each.dnId), each])).values()];
  const words = distinct.slice(0, named).map(({ kind, label, dnId }) => `${kind} ${dnId} (${label.slice(0, 60)})`);
  const more = distinct.length > named ? ` and ${distinct.length - named} more` : '';
  const ids = distinct.flatMap(({ kind, dnId }) => book.get(bookKey(kind, dnId))?.id ?? []);
  return {
    outcome: 'review',
    error: {
      code: 'unmapped',
      message: `Not mapped: ${words.join(', ')}${more}`.slice(0, 500),
      // A dry run takes back what it put up for review.
      ...(!work.options.dryRun && { map_ids: ids.slice(0, 500) }),
    },
  };
}

export const review = (code: string, message: string, more: Partial<NonNullable<Told>> = {}): NonNullable<Told> => ({
  outcome: 'review',
  ...more,
  error: { code, message: message.slice(0, 500) },
});
