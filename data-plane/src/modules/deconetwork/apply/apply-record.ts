import { isUniqueViolation } from '@platen/chassis/db/errors';
import { statement } from '@platen/chassis/db/statement';
import { toStorable } from '@platen/chassis/db/storable-text';
import type { Tx } from '@platen/chassis/db/types';
import type { DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { DnMapKind } from '@platen/schema/states/deconetwork';
import { lockHeldJob } from '../../jobs/index.js';
import { applyInventory, wantedByInventory } from './apply-inventory.js';
import { applyOrder, type OrderDeps, wantedByOrder } from './apply-order.js';
import { applyProduct, wantedByProduct } from './apply-product.js';
import { applyPurchaseOrder, wantedByPurchaseOrder } from './apply-purchase-order.js';
import type { Applied, ApplyCall, ApplyOptions, RowDraft, Told, Work } from './call.js';
import { listMaps, lockMap, type MapBook, type MapRef, type MapRow } from './maps-repo.js';
import { isOlder } from './merge.js';
import { hashOf } from './record-hash.js';
import type { Wanted } from './refs.js';
import { refusalOf } from './refusal.js';
import { insertRows, listKnownRows, settleRow } from './rows-repo.js';
import { undoRow } from './undo.js';

/** What a record is here: an inventory's is its variant's. */
export const mapKindOf = ({ kind }: DnRecord): DnMapKind => (kind === 'inventory' ? 'variant' : kind);

// Another site may number its orders alike: what is another connection's is nothing that this record may be.
const selectNumbers = statement<{ number: string; is_anothers: boolean }>(
  'dn_apply.list_numbers',
  `select o.number, exists (select from dn_maps m where m.local_id = o.id and m.kind = 'order'
     and m.connection_id <> $2::uuid) as is_anothers
   from erp_orders o where o.number = any($1::text[])`,
  { parse: { is_anothers: 'bool' } },
);
const numbersOf = (dnId: string): string[] => [dnId, ...[2, 3, 4, 5].map((place) => `${dnId}-${place}`)];

const another = (number: string) => ({ number, is_anothers: true });

/** What an order of the site is called here; null: one of ours has its number, and may be it. */
function numberOf(dnId: string, taken: readonly { readonly number: string; readonly is_anothers: boolean }[]) {
  if (taken.some(({ number, is_anothers: isAnothers }) => number === dnId && !isAnothers)) return null;
  return numbersOf(dnId).find((each) => !taken.some(({ number }) => number === each)) ?? null;
}

/** Ends a transaction that did everything, and takes it back. */
class DryRunOver extends Error {
  readonly told: Told;
  readonly besides: readonly RowDraft[];
  constructor(told: Told, besides: readonly RowDraft[]) {
    super('What a dry run has done is taken back');
    this.told = told;
    this.besides = besides;
  }
}
const probe = statement<{ one: string }>('dn_apply.probe', 'select 1 as one');

/** Codes of refusals that a person can do something about; whatever else a record meets has failed. */
const forPeople = new Set([
  'illegal_transition',
  'deposit_unpaid',
  'disposition_required',
  'pieces_open',
  'stock_short',
  'stock_reserved',
]);
export interface ApplyEngine {
  /**
   * What becomes of one record, in a transaction of its own with its rows. The job's row is locked before anything else:
   * who has lost the job writes nothing any more. `settles`: the row of an earlier job that this one sees to.
   * @throws AppError lease_lost, and what passes: `conflict`, `contended`, `database_unavailable`
   */
  applyRecord(call: ApplyCall, record: DnRecord, options: ApplyOptions, settles?: string): Promise<Applied>;
  /** See undo.ts. null: there was nothing to be undone. */
  undoRow(call: ApplyCall, rowId: string): Promise<'undone' | 'refused' | null>;
}

export function createApplyEngine(deps: OrderDeps): ApplyEngine {
  return {
    undoRow: (call, rowId) => undoRow(deps, call, rowId),

    async applyRecord(call, record, options, settles) {
      try {
        return await withFreeNumber(record, (hidden) =>
          call.db.transaction((tx) => applyIn(deps, tx, call, record, options, { settles, hidden })),
        );
      } catch (error) {
        if (error instanceof DryRunOver) return writeRows(call, record, error.told, error.besides);
        return writeRows(call, storable(record), tellRefusal(error), [], settles);
      }
    },
  };
}

/** Without characters that cannot be stored, so that it can be told what was wrong with it. */
export const storable = (record: DnRecord): DnRecord =>
  JSON.parse(JSON.stringify(record, (_, value: unknown) => (typeof value === 'string' ? toStorable(value) : value)));

function tellRefusal(error: unknown): NonNullable<Told> {
  const refusal = refusalOf(error);
  return { outcome: forPeople.has(refusal.code) ? 'review' : 'failed', error: refusal };
}

/** Numbers are the organization's, and an order of another workspace is not seen from this one: its number is met. */
async function withFreeNumber(
  { dn_id: dnId }: DnRecord,
  apply: (hidden: readonly string[]) => Promise<Applied>,
): Promise<Applied> {
  const numbers = numbersOf(dnId);
  for (let hidden = 0; ; hidden += 1) {
    try {
      return await apply(numbers.slice(0, hidden));
    } catch (error) {
      if (!isUniqueViolation(error, 'erp_orders_number_key') || hidden === numbers.length) throw error;
    }
  }
}

async function applyIn(
  deps: OrderDeps,
  tx: Tx,
  call: ApplyCall,
  record: DnRecord,
  options: ApplyOptions,
  { settles, hidden }: { readonly settles: string | undefined; readonly hidden: readonly string[] },
): Promise<Applied> {
  const { connection, jobId, holder, ctx } = call;
  const own: MapRef = { kind: mapKindOf(record), dnId: record.dn_id };
  const [, known, map, book, taken] = await Promise.all([
    lockHeldJob(tx, jobId, holder),
    listKnownRows(tx, jobId, [record]),
    lockMap(tx, connection.id, own),
    listMaps(tx, connection.id, refsOf(record)),
    record.kind === 'order' ? tx.query(selectNumbers, [numbersOf(record.dn_id), connection.id]) : [],
  ]);
  if (known.has(`${record.kind} ${record.dn_id}`)) return 'repeated';
  const hash = hashOf(record);
  if (settles !== undefined) settleRow(tx, settles, jobId);
  if (isAsItWas(record, map, hash)) return 'unchanged';
  const work: Work = { tx, call, ctx, connection, options, record, hash, besides: [] };
  const told = await applyKind(deps, work, map, book, numberOf(record.dn_id, [...taken, ...hidden.map(another)]));
  if (options.dryRun) {
    // What was kept back for the end has to be tried too.
    await tx.query(probe);
    throw new DryRunOver(told, work.besides);
  }
  insertRows(tx, ctx, jobId, rowsOf(record, told, work.besides));
  return told?.outcome ?? 'unchanged';
}

/** By its content, or because a newer one was applied: a page that drifts may bring an older one. */
export const isAsItWas = (record: DnRecord, map: MapRow | undefined, hash: string): boolean =>
  map !== undefined &&
  record.kind !== 'inventory' &&
  (map.state === 'ignored' || map.dn_hash === hash || isOlder(record.modified_at, map.dn_modified_at));

/** What it names here, itself among it. */
export function refsOf(record: DnRecord): Wanted[] {
  switch (record.kind) {
    case 'order':
      return wantedByOrder(record);
    case 'product':
      return wantedByProduct(record);
    case 'inventory':
      return [wantedByInventory(record)];
    case 'purchase_order':
      return wantedByPurchaseOrder(record);
  }
}

async function applyKind(
  deps: OrderDeps,
  work: Work,
  map: MapRow | undefined,
  book: MapBook,
  number: string | null,
): Promise<Told> {
  const { record } = work;
  switch (record.kind) {
    case 'order':
      return applyOrder(deps, { ...work, record }, map, book, number);
    case 'product':
      return applyProduct(deps, { ...work, record }, book);
    case 'inventory':
      return applyInventory({ ...work, record }, book);
    case 'purchase_order':
      return applyPurchaseOrder({ ...work, record }, map, book);
  }
}

const rowsOf = (record: DnRecord, told: Told, besides: readonly RowDraft[]) => [
  ...besides.map((row) => ({ ...row, modifiedAt: record.modified_at })),
  ...(told === null
    ? []
    : [{ ...told, kind: record.kind, dnId: record.dn_id, record, modifiedAt: record.modified_at }]),
];

/** The rows of what was not done, in a transaction of their own. */
function writeRows(
  call: ApplyCall,
  record: DnRecord,
  told: Told,
  besides: readonly RowDraft[],
  settles?: string,
): Promise<Applied> {
  return call.db.transaction(async (tx) => {
    const [, known] = await Promise.all([
      lockHeldJob(tx, call.jobId, call.holder),
      listKnownRows(tx, call.jobId, [record]),
    ]);
    if (known.has(`${record.kind} ${record.dn_id}`)) return 'repeated';
    if (settles !== undefined) settleRow(tx, settles, call.jobId);
    insertRows(tx, call.ctx, call.jobId, rowsOf(record, told, besides).map(withoutTrace));
    return told?.outcome ?? 'unchanged';
  });

  /** Ids of what was taken back name nothing. */
  function withoutTrace<R extends RowDraft>(row: R): R {
    return row.outcome === 'created' ? { ...row, mapId: null, localId: null, localVersion: null } : row;
  }
}
