import type { TableClass } from '@platen/schema/access';
import { databases, listTables } from '@platen/schema/databases';
import { purgeOrderOf } from '@platen/schema/purge-order';
import { getTableName } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import type { ArchivedKind } from '../archive/manifest.js';

export interface ArchivedTable {
  readonly kind: ArchivedKind;
  /** Of what is read and written: of readings, their view. */
  readonly name: string;
  readonly class: TableClass;
  readonly columns: readonly string[];
  readonly primaryKey: readonly string[];
  /** In place of a column: what stands in the archive. */
  readonly instead: Readonly<Record<string, string>>;
  readonly where: string;
  /** The column by which a row names another one of its table. */
  readonly selfReference: string | null;
}

/** What is of its moment, or has been told to others: it is not in an archive. */
const leftOut: Readonly<Record<ArchivedKind, ReadonlySet<string>>> = {
  control: new Set([
    // Nobody is signed in by a restore, and no link of an old mail opens anything.
    'res_sessions',
    'res_refresh_tokens',
    'res_user_tokens',
    'res_user_invitations',
    'auth_throttles',
    // Outlive their tenant where they are.
    'audit_events',
    'audit_heads',
    'control_changes',
    'outbox_events',
    'outbox_dead_letters',
    'inbox_events',
    'idempotency_keys',
    'due_work',
  ]),
  // Written by the triggers of the rows that it is about: the search. Told already: the outbox.
  erp: new Set(['erp_product_search', 'outbox_events', 'outbox_dead_letters']),
  telemetry: new Set(['outbox_events', 'outbox_dead_letters']),
};

/** Columns that a trigger of their own table writes, whatever is inserted: with `erp_product_search`, the search. */
const derived: Readonly<Record<string, ReadonlySet<string>>> = { 'erp erp_product_variants': new Set(['search']) };

interface Kept {
  readonly instead?: Readonly<Record<string, string>>;
  readonly where?: string;
}
const isOpen = `finished_at is null`;
const lostWork = `jsonb_build_object('code', 'restored', 'message', 'It had not ended when the backup was taken')`;
/** What would begin again by itself, and go out to others a second time. */
const quieted: Readonly<Record<string, Kept>> = {
  // What is at a site is asked of people first.
  'erp dn_connections': { instead: { status: `case status when 'active' then 'paused' else status end` } },
  'erp dn_calls': {
    instead: {
      state: `case when state in ('pending', 'sent') then 'failed' else state end`,
      finished_at: 'coalesce(finished_at, updated_at)',
      error: `case when state in ('pending', 'sent') then ${lostWork} else error end`,
    },
  },
  'erp erp_jobs': {
    instead: {
      status: `case when ${isOpen} then 'cancelled' else status end`,
      error: `case when ${isOpen} then ${lostWork} else error end`,
      finished_at: 'coalesce(finished_at, updated_at)',
      lease_owner: 'null::uuid',
      lease_until: 'null::timestamptz',
    },
  },
  'erp due_work': {
    instead: { lease_until: 'null::timestamptz', attempts: '0' },
    where: `kind <> 'dn_sync_due'`,
  },
  'telemetry due_work': { instead: { lease_until: 'null::timestamptz', attempts: '0' } },
};

/** In the order in which they can be written: none before what it refers to. */
export function archivedTables(kind: ArchivedKind): readonly ArchivedTable[] {
  const declared = new Map(
    listTables(databases[kind]).map((entry) => [entry.access.view ?? getTableName(entry.table), entry]),
  );
  const names = purgeOrderOf(kind).map(({ name }) => name);
  // Itself without the column that names a tenant, and first of all.
  if (kind === 'control') names.push('tenants');
  return names
    .reverse()
    .filter((name) => !leftOut[kind].has(name))
    .map((name) => {
      const entry = declared.get(name);
      if (entry === undefined) throw new Error(`no table ${name}`);
      const { columns, primaryKeys, foreignKeys } = getTableConfig(entry.table);
      const { instead = {}, where = 'true' } = quieted[`${kind} ${name}`] ?? {};
      const own = foreignKeys
        .map((key) => key.reference())
        .find(({ foreignTable }) => getTableName(foreignTable) === getTableName(entry.table));
      return {
        kind,
        name,
        class: entry.access.class,
        columns: columns
          .filter(({ generated, generatedIdentity }) => !generated && !generatedIdentity)
          .map(({ name }) => name)
          .filter((column) => derived[`${kind} ${name}`]?.has(column) !== true),
        primaryKey: primaryKeys[0]?.columns.map((column) => column.name) ?? [],
        instead,
        // A role of ours that every tenant has is no row of this one.
        where: entry.access.class === 'tenant_or_system' ? `${where} and tenant_id is not null` : where,
        selfReference: own?.columns.at(-1)?.name ?? null,
      };
    });
}

/** Has it rows of an organization, which must be entered to see them? */
export const isByOrganization = ({ class: tableClass }: ArchivedTable): boolean =>
  tableClass === 'scoped' || tableClass === 'shared';
