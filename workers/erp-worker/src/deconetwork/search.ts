import { setImmediate } from 'node:timers/promises';
import type { DnFieldMap } from '@platen/schema/contracts/data/dn-shapes';
import type { DnReadKind } from '@platen/schema/states/deconetwork';
import { searchMoment } from './dates.js';
import { type ReadRow, readRow } from './normalise/normalise.js';
import type { Window, WindowRow } from './read-window.js';
import type { CallParameters, Endpoint, SiteClient } from './site-client.js';
import { SiteError } from './site-error.js';

/** Numbers of the vendor's for what a condition says. */
const comparisons = { eq: 1, gt: 4, lte: 5, gte: 6, between: 7 } as const;

export interface Condition {
  readonly field: number;
  readonly is: keyof typeof comparisons;
  readonly text?: string;
  /** In RFC 3339. */
  readonly date?: string;
  readonly to?: string;
}

/** How records of a kind are searched for. Numbers are the documented ones; others are in the connection's map. */
interface Kind {
  readonly endpoint: Endpoint;
  readonly rows: string;
  /** What every record fulfils: a search without a condition is refused. */
  readonly all: Condition;
  /** Where the field map says by which number the date of change is searched for. */
  readonly modified: keyof DnFieldMap;
  readonly options: CallParameters;
}

const ever = '2000-01-01T00:00:00.000Z';

export const searched: Readonly<Record<DnReadKind, Kind>> = {
  order: {
    endpoint: 'manage_orders/find',
    rows: 'orders',
    all: { field: 1, is: 'gte', date: ever },
    modified: 'order_date_modified',
    options: { skip_login_token: 1, include_shipments: 1 },
  },
  product: {
    endpoint: 'manage_products/find',
    rows: 'products',
    all: { field: 4, is: 'gt', text: '0' },
    modified: 'product_date_modified',
    options: { skip_login_token: 1 },
  },
  inventory: {
    endpoint: 'manage_inventory/find',
    rows: 'inventories',
    all: { field: 4, is: 'gt', text: '0' },
    modified: 'inventory_date_modified',
    options: {},
  },
  purchase_order: {
    endpoint: 'manage_purchase_orders/find',
    rows: 'purchase_orders',
    all: { field: 1, is: 'gte', date: ever },
    modified: 'purchase_order_date_modified',
    options: {},
  },
};

/** A row that was found, as a list that moves is watched by it. */
export interface FoundRow extends WindowRow {
  readonly row: ReadRow;
}

/** @throws SiteError */
export async function search(
  site: SiteClient,
  kind: DnReadKind,
  query: {
    readonly conditions: readonly Condition[];
    readonly offset: number;
    readonly limit: number;
    readonly sortBy?: number | undefined;
  },
): Promise<{ readonly rows: readonly FoundRow[]; readonly total: number | null }> {
  const { endpoint, rows: name, options } = searched[kind];
  const { offset, limit, sortBy } = query;
  const { body, total, status } = await site.call(endpoint, {
    ...formOf(query.conditions),
    limit,
    offset,
    ...(sortBy !== undefined && { sortby: sortBy }),
    ...options,
  });
  // Where nothing was found, the list may be left out.
  const rows = body[name] ?? [];
  if (!Array.isArray(rows)) {
    throw new SiteError('not_a_site', `The answer to ${endpoint} has no list`, {
      mayPass: false,
      reached: true,
      status,
    });
  }
  const read: FoundRow[] = [];
  for (const value of rows) {
    read.push(found(readRow(kind, value)));
    // A row may be large, and there are other jobs, whose leases have to be renewed.
    await setImmediate();
  }
  return { rows: read, total };
}

function found(row: ReadRow): FoundRow {
  const { dn_id: id, modified_at: modifiedAt } = 'record' in row ? row.record : row.unreadable;
  return { id, modifiedAt, row };
}

function formOf(conditions: readonly Condition[]): CallParameters {
  const form: Record<string, string | number> = {};
  conditions.forEach(({ field, is, text, date, to }, index) => {
    const name = (member: string) => `conditions[${index + 1}][${member}]`;
    form[name('field')] = field;
    form[name('condition')] = comparisons[is];
    if (text !== undefined) form[name('string')] = text;
    if (date !== undefined) form[name('date1')] = searchMoment(date);
    if (to !== undefined) form[name('date2')] = searchMoment(to);
  });
  return form;
}

/** What was changed in a window. Where nobody knows the number of that field, everything: a wrong one would hide records. */
export function conditionsOf(kind: DnReadKind, { from, to }: Window, fieldMap: DnFieldMap): readonly Condition[] {
  const field = fieldMap[searched[kind].modified];
  if (field === undefined) return [searched[kind].all];
  if (to === null) return [{ field, is: 'gte', date: from ?? ever }];
  return [{ field, is: 'between', date: from ?? ever, to }];
}
