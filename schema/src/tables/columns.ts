import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  char,
  check,
  customType,
  integer,
  numeric,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

/** Column kinds that every table shares. Keys of the tables are the column names: rows, SQL and JSON spell a field alike. */

/** UUIDv7 (RFC 9562), made by the application. */
export const id = () => uuid().notNull();
/** A moment, to the millisecond that the API shows. */
export const instant = () => timestamp({ withTimezone: true, precision: 3 });
export const createdAt = () => instant().notNull().defaultNow();
/** Set by the statement that changes the row; the default serves inserts. */
export const stamps = () => ({ created_at: createdAt(), updated_at: createdAt() });

/** 14 digits before the point and 4 after; the currency stands beside it or on the document it belongs to. */
export const amount = () => numeric({ precision: 18, scale: 4 });
export const quantity = () => numeric({ precision: 18, scale: 4 });
/** ISO 4217. */
export const currency = () => char({ length: 3 });
/** The ETag's number: raised by every change of the document. */
export const version = () => integer().notNull().default(1);
/** Lower-case hexadecimal. */
export const sha256 = () => text();

/** Words to be found by; a trigger keeps it. */
export const searchWords = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** Who owns a row of an ERP database. `workspace_id` null: the whole organization. */
export const owner = () => ({
  tenant_id: uuid().notNull(),
  organization_id: uuid().notNull(),
  workspace_id: uuid(),
});

/**
 * Checked text rather than an enum type: enum operators are not leakproof, so they could not use an index
 * under row-level security.
 */
export function oneOf(table: string, column: AnyPgColumn, values: readonly string[]) {
  const unsafe = values.find((value) => !/^[a-z0-9_.-]+$/.test(value));
  if (unsafe !== undefined) throw new Error(`not a plain literal: ${unsafe}`);
  const list = values.map((value) => `'${value}'`).join(', ');
  return check(`${table}_${column.name}_check`, sql`${sql.identifier(column.name)} in (${sql.raw(list)})`);
}
