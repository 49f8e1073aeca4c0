import type { ExportFilter } from '@platen/schema/contracts/data/exports';
import type { CellType } from '@platen/schema/contracts/internal/export-rows';
import type { PermissionCode } from '@platen/schema/permissions';

export interface Words {
  readonly en: string;
  readonly de: string;
}

export interface SourceColumn {
  readonly type: CellType;
  readonly header: Words;
  /** Over the alias `t`; its text is the cell. */
  readonly sql: string;
  /** Of what belongs to another noun. */
  readonly permission?: PermissionCode;
}

export interface SourceFilter {
  /** SQL over the alias `t`, made of the parameter's text. */
  readonly condition: (parameter: string) => string;
  /** What it can be. */
  readonly values?: readonly string[];
}

/** A list that can be exported: what its rows are made of, in the order of its columns. */
export interface Source {
  /** Has an `id` that is a UUIDv7 and a `created_at`. */
  readonly table: string;
  readonly title: Words;
  readonly columns: Readonly<Record<string, SourceColumn>>;
  readonly filters: Readonly<Partial<Record<keyof ExportFilter, SourceFilter>>>;
}

const column =
  (type: CellType) =>
  (en: string, de: string, sql: string, permission?: PermissionCode): SourceColumn => ({
    type,
    header: { en, de },
    sql: type === 'datetime' ? `to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` : `(${sql})::text`,
    ...(permission && { permission }),
  });
export const text = column('text');
export const money = column('money');
export const quantity = column('quantity');
export const integer = column('integer');
export const day = column('date');
export const moment = column('datetime');
export const flag = column('boolean');

export const equals = (sql: string, type: 'text' | 'uuid', values?: readonly string[]): SourceFilter => ({
  condition: (parameter) => `${sql} = ${parameter}::${type}`,
  ...(values && { values }),
});
export const from = (sql: string): SourceFilter => ({ condition: (parameter) => `${sql} >= ${parameter}::date` });
export const to = (sql: string): SourceFilter => ({ condition: (parameter) => `${sql} <= ${parameter}::date` });
export const beginning = (sql: string): SourceFilter => ({
  // Byte by byte: leakproof, so that it is looked at before anything else is.
  condition: (parameter) => `${sql} ~>=~ ${parameter}::text and ${sql} ~<~ (${parameter}::text || chr(1114111))`,
});

/** Parameters that every statement of rows has. */
export const parameters = { limit: '$1', after: '$2', wanted: '$3', today: '$4', timeZone: '$5' } as const;
export const firstFilterParameter = 6;

/** By the organization's days. */
export const created = {
  created_from: {
    condition: (p: string) => `t.created_at >= ${p}::date::timestamp at time zone ${parameters.timeZone}`,
  },
  created_to: {
    condition: (p: string) => `t.created_at < (${p}::date + 1)::timestamp at time zone ${parameters.timeZone}`,
  },
} as const satisfies Source['filters'];
export const stampColumns = {
  created_at: moment('Created at (UTC)', 'Angelegt am (UTC)', 't.created_at'),
  updated_at: moment('Changed at (UTC)', 'Geändert am (UTC)', 't.updated_at'),
} as const;

/** What a row's customer is called, for who may see customers. */
export function customerColumns(customerId: string) {
  const of = (name: string) => `select c.${name} from erp_customers c where c.id = ${customerId}`;
  return {
    customer_code: text('Customer no.', 'Kundennr.', of('code'), 'erp.customer.read'),
    customer_name: text('Customer', 'Kunde', of('name'), 'erp.customer.read'),
  } as const;
}
