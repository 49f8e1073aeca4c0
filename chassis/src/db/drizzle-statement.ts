import { is, Param, Placeholder } from 'drizzle-orm';
import { statement } from './statement.js';
import type { ColumnParser, Statement } from './types.js';

// Apart from `statement()`: a service that writes its SQL itself starts without loading Drizzle.

/** What a Drizzle query (or its `sql` template, through `db.execute`) offers after it is built. */
interface BuiltQuery {
  toSQL(): { sql: string; params: unknown[] };
}

function placeholderName(param: unknown): string | undefined {
  const value = is(param, Param) ? param.value : param;
  return is(value, Placeholder) ? value.name : undefined;
}

/**
 * Turns a query that Drizzle built with `sql.placeholder()`s into a statement, at start-up: Drizzle does not run per request.
 * `valueNames` gives the order in which values are passed; a placeholder may occur more than once. Constants are refused,
 * because they would be baked into some calls and not into others: write them as SQL or as placeholders.
 */
export function fromDrizzle<Row>(
  name: string,
  query: BuiltQuery,
  valueNames: readonly string[],
  options: { readonly parse?: Readonly<Record<string, ColumnParser>> } = {},
): Statement<Row> {
  const { sql, params } = query.toSQL();
  const unused = new Set(valueNames);
  const positions = params.map((param, index) => {
    const placeholder = placeholderName(param);
    if (placeholder === undefined) throw new Error(`statement "${name}": parameter $${index + 1} is a constant`);
    const position = valueNames.indexOf(placeholder);
    if (position < 0) throw new Error(`statement "${name}": placeholder "${placeholder}" is not among its value names`);
    unused.delete(placeholder);
    return position + 1;
  });
  if (unused.size > 0) throw new Error(`statement "${name}": no placeholder for ${[...unused].join(', ')}`);
  const text = sql.replace(/\$(\d+)/g, (_match, number: string) => `$${positions[Number(number) - 1]}`);
  return statement(name, text, options);
}
