import { statement } from '@platen/chassis/db/statement';
import { insertCustomer, lockCustomer, updateCustomer } from '../../customers/index.js';
import { canonicalJson, sha256 } from '../../pricing/index.js';
import type { Work } from './call.js';
import { bookKey, type MapBook, type MapRow, noteApplied, putMap } from './maps-repo.js';
import { conflictError, type Fields, isOlder, mergeFields } from './merge.js';
import { type CustomerFields, codeFrom, customerLabel, type DnCustomer, projectCustomer } from './project-customer.js';
import { isMapped, mayMake, type Wanted } from './refs.js';

export const wantedCustomer = (customer: DnCustomer): Wanted => ({
  kind: 'customer',
  dnId: customer.dn_id,
  label: customerLabel(customer),
  detail: { email: customer.email },
});

/** The customer that came with an order: made where that is asked for, else brought up to date. Its row stands before the order's. */
export async function applyCustomer(work: Work, book: MapBook, customer: DnCustomer): Promise<void> {
  const map = book.get(bookKey('customer', customer.dn_id));
  if (isMapped(map)) return updateMapped(work, map, customer);
  if (map && mayMake(work, map, 'customer'))
    book.set(bookKey('customer', customer.dn_id), await make(work, map, customer));
}

const hashOfCustomer = (customer: DnCustomer): string => sha256(canonicalJson(customer));
const asFields = (fields: CustomerFields): Fields => ({ ...fields });

async function make(work: Work, map: MapRow, customer: DnCustomer): Promise<MapRow> {
  const { tx, ctx, connection, record } = work;
  const fields = projectCustomer(customer);
  const id = ctx.newId();
  const code = await freeCode(work, customer.dn_id, id);
  const made = await insertCustomer(tx, {
    tenantId: connection.tenant_id,
    organizationId: connection.organization_id,
    id,
    code,
    name: fields.name,
    email: fields.email,
    customerGroup: null,
    taxExempt: false,
    currency: connection.currency,
    addresses: fields.addresses,
  });
  const base = asFields(fields);
  putMap(tx, ctx, connection, {
    ...wantedCustomer(customer),
    id: map.id,
    localId: id,
    hash: hashOfCustomer(customer),
    modifiedAt: record.modified_at,
    base,
    createdByJobId: work.call.jobId,
  });
  work.besides.push({
    kind: 'customer',
    dnId: customer.dn_id,
    outcome: 'created',
    mapId: map.id,
    localId: id,
    localVersion: made?.version ?? 1,
    before: null,
    after: { code, ...base },
  });
  return { ...map, state: 'mapped', local_id: id };
}

const selectCode = statement<{ code: string }>(
  'dn_apply.find_customer_code',
  'select code from erp_customers where code = $1',
);
/** Customers of two sites may have the same number. */
async function freeCode({ tx }: Work, dnId: string, id: string): Promise<string> {
  const code = codeFrom(`DN-${dnId}`);
  return code === null || (await tx.query(selectCode, [code])).length > 0 ? `dn-${id}` : code;
}

async function updateMapped(work: Work, map: MapRow, customer: DnCustomer): Promise<void> {
  const { tx, record, connection } = work;
  const hash = hashOfCustomer(customer);
  if (map.dn_hash === hash || isOlder(record.modified_at, map.dn_modified_at) || map.local_id === null) return;
  const local = await lockCustomer(tx, map.local_id);
  if (!local) return;
  const ours: Fields = { name: local.name, email: local.email, addresses: local.addresses };
  const theirs = asFields(projectCustomer(customer));
  const merged = mergeFields({ base: map.base, theirs, ours }, connection.conflict_rule);
  const waits = merged.waiting.length > 0;
  noteApplied(tx, map.id, { hash: waits ? null : hash, modifiedAt: record.modified_at, base: merged.base });
  if (merged.changed.length === 0 && merged.conflicts.length === 0) return;
  const patch = Object.fromEntries(merged.changed.map((name) => [name, merged.result[name]]));
  const changed = merged.changed.length === 0 ? undefined : await updateCustomer(tx, map.local_id, null, patch);
  work.besides.push({
    kind: 'customer',
    dnId: customer.dn_id,
    outcome: waits ? 'review' : 'updated',
    mapId: map.id,
    localId: map.local_id,
    localVersion: changed?.version ?? local.version,
    before: ours,
    after: merged.result,
    loser: merged.loser,
    error: waits ? conflictError(merged.conflicts) : null,
  });
}
