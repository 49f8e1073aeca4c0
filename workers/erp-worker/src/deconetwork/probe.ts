import type { DnFieldMap, DnTest } from '@platen/schema/contracts/data/dn-shapes';
import type { DnReadKind } from '@platen/schema/states/deconetwork';
import { type Condition, type FoundRow, search, searched } from './search.js';
import type { SiteClient } from './site-client.js';
import { SiteError } from './site-error.js';

type Check = DnTest['checks'][number];
export interface Probe {
  readonly code: string;
  readonly message: string;
  readonly checks: readonly Check[];
  readonly fieldMap: DnFieldMap;
}

/** How one record is asked for, and which numbers its date of change may have: documents of the vendor's disagree. */
interface Probed {
  readonly kind: DnReadKind;
  readonly id: number;
  /** Where the map has the number of `id`. */
  readonly idName?: keyof DnFieldMap;
  readonly candidates: readonly number[];
}
const probed: readonly Probed[] = [
  { kind: 'order', id: 3, idName: 'order_number', candidates: [6, 7] },
  { kind: 'product', id: 4, candidates: [5] },
  { kind: 'inventory', id: 6, candidates: [5] },
  { kind: 'purchase_order', id: 4, idName: 'purchase_order_number', candidates: [3] },
];
/** Records that a field is tried with: by one alone, a date could be another's by chance. */
const samples = 3;

/** What every call would meet, so that nothing more is tried. */
const ofTheSite: ReadonlySet<string> = new Set([
  'authentication_failed',
  'api_disabled',
  'not_a_site',
  'site_unavailable',
  'timeout',
  'address_refused',
]);

/** Signs in, asks each list for a record, and finds out by which numbers the site searches. @throws the signal's reason */
export async function probeSite(site: SiteClient): Promise<Probe> {
  const checks: Check[] = [];
  const fieldMap: DnFieldMap = {};
  for (const one of probed) {
    const { endpoint } = searched[one.kind];
    try {
      const { rows, total } = await search(site, one.kind, {
        conditions: [searched[one.kind].all],
        offset: 0,
        limit: samples,
      });
      checks.push({ name: endpoint, ok: true, message: total === null ? 'It answers' : `It has ${total} records` });
      checks.push(...(await probeFields(site, one, rows, fieldMap)));
    } catch (error) {
      if (!(error instanceof SiteError)) throw error;
      checks.push({ name: endpoint, ok: false, message: error.message });
      if (ofTheSite.has(error.code)) return { code: error.code, message: error.message, checks, fieldMap };
    }
  }
  // A user may lack the right to one list; without orders there is nothing to connect.
  const orders = checks.find(({ name }) => name === searched.order.endpoint);
  if (orders?.ok !== true)
    return { code: 'refused', message: orders?.message ?? 'Nothing was asked', checks, fieldMap };
  return { code: 'ok', message: 'The site answers', checks, fieldMap };
}

async function probeFields(
  site: SiteClient,
  one: Probed,
  rows: readonly FoundRow[],
  fieldMap: DnFieldMap,
): Promise<Check[]> {
  const checks: Check[] = [];
  const { kind, id, idName, candidates } = one;
  const { modified } = searched[kind];
  const dated = rows.flatMap((row) => (row.modifiedAt === null ? [] : [{ id: row.id, modifiedAt: row.modifiedAt }]));
  if (dated.length === 0) {
    return [{ name: modified, ok: true, message: 'There is no record to find it out with: all are read each time' }];
  }
  const isFound = async (row: { readonly id: string }, ...more: readonly Condition[]) => {
    const conditions: readonly Condition[] = [{ field: id, is: 'eq', text: row.id }, ...more];
    const answer = await search(site, kind, { conditions, offset: 0, limit: 1 });
    return answer.rows[0]?.id === row.id;
  };
  if (idName !== undefined) {
    const [first] = dated;
    const ok = first !== undefined && (await refusedAsFalse(isFound(first)));
    checks.push({ name: idName, ok, message: ok ? `It is field ${id}` : `It is not field ${id}` });
    if (ok) fieldMap[idName] = id;
  }
  const fitting: number[] = [];
  for (const field of candidates) {
    let fits = true;
    for (const row of dated) {
      const at: Condition = { field, is: 'between', date: row.modifiedAt, to: row.modifiedAt };
      fits &&= await refusedAsFalse(isFound(row, at));
    }
    if (fits) fitting.push(field);
  }
  const [field] = fitting;
  const isClear = field !== undefined && fitting.length === 1;
  if (isClear) fieldMap[modified] = field;
  const message = isClear
    ? `It is field ${field}`
    : `${fitting.length === 0 ? 'None' : 'More than one'} of the fields ${candidates.join(', ')} is it: all are read each time`;
  checks.push({ name: modified, ok: isClear, message });
  return checks;
}

/** A number that the site does not know is no field of it. */
async function refusedAsFalse(found: Promise<boolean>): Promise<boolean> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof SiteError && (error.code === 'invalid_request' || error.code === 'refused')) return false;
    throw error;
  }
}
