import { Amount, CalendarDate, Currency, Id, PositiveAmount, Timestamp } from '@platen/schema/contracts/shapes';
import type { TSchema } from 'typebox';

/** An SQL expression whose text is JSON already: a sub-select of lines, a jsonb column. */
export interface JsonExpression {
  readonly json: string;
}

/** Where each field of a response comes from: an SQL expression, or the fields of a nested object. */
export interface JsonColumns {
  readonly [field: string]: string | JsonExpression | JsonColumns;
}

export const jsonExpression = (sql: string): JsonExpression => ({ json: sql });

/**
 * An SQL expression of type text: the JSON of one row, with the fields of `schema` and no others, so that what Postgres
 * built can be sent as it is. `concat` writes it in one pass: half the cost of json_build_object.
 * A nullable nested object is null when its first column is. Timestamps rely on the session's time zone, UTC.
 * @throws Error when a field of the schema has no column, or a column no field
 */
export function jsonSelect(schema: TSchema, columns: JsonColumns): string {
  return concat(objectParts(describe(schema), columns, '').flat());
}

/** An SQL expression of type text: the JSON array of `item` over the rows of `from`, which may end in `order by`. */
export function jsonArray(item: string, from: string): JsonExpression {
  return { json: `(select concat('[', string_agg(item, ','), ']') from (select ${item} as item from ${from}) listed)` };
}

/** What of JSON Schema the contracts use. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
}

// A TypeBox schema is the JSON Schema it stands for.
const describe = (schema: TSchema): Shape => schema as Shape;

/** SQL literals and expressions, in the order in which they are written. */
type Part = { readonly text: string } | { readonly sql: string };

function objectParts(shape: Shape, columns: JsonColumns, path: string): Part[] {
  const fields = Object.entries(shape.properties ?? {});
  const extra = Object.keys(columns).filter((name) => shape.properties?.[name] === undefined);
  if (extra.length > 0) throw new Error(`No field of the response: ${extra.map((name) => path + name).join(', ')}`);
  const parts = fields.flatMap(([name, field], index): Part[] => {
    const column = columns[name];
    if (column === undefined) throw new Error(`No column for the field ${path}${name}`);
    return [{ text: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:` }, ...valueParts(field, column, path + name)];
  });
  return [...parts, { text: '}' }];
}

function valueParts(field: Shape, column: JsonColumns[string], path: string): Part[] {
  const { shape, nullable } = unwrapNull(field);
  if (typeof column === 'object' && !isExpression(column)) {
    const parts = objectParts(shape, column, `${path}.`);
    return nullable ? [{ sql: nullWhen(firstColumn(column), concat(parts)) }] : parts;
  }
  if (typeof column === 'object') return [{ sql: nullable ? `coalesce((${column.json})::text, 'null')` : column.json }];
  const parts = scalarParts(shape, column, path);
  return nullable ? [{ sql: nullWhen(column, concat(parts)) }] : parts;
}

function scalarParts(shape: Shape, column: string, path: string): Part[] {
  if (shape.pattern === describe(Timestamp).pattern) {
    return quoted(`to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
  }
  if (isPlainText(shape)) return quoted(column);
  if (shape.type === 'integer' || shape.type === 'number') return [{ sql: column }];
  if (shape.type === 'boolean') return [{ sql: `case when ${column} then 'true' else 'false' end` }];
  if (shape.type === 'string') return [{ sql: `to_json(${column})` }];
  throw new Error(`${path}: an object or a list needs its columns, or an expression that is JSON`);
}

const quoted = (sql: string): Part[] => [{ text: '"' }, { sql }, { text: '"' }];

const plainPatterns = new Set([Id, Amount, PositiveAmount, Currency].map((schema) => describe(schema).pattern));

/** Text that holds nothing to escape, by its schema, which every write was held against. */
function isPlainText({ pattern, format, enum: values, const: value }: Shape): boolean {
  if (pattern !== undefined) return plainPatterns.has(pattern);
  if (format !== undefined) return format === describe(CalendarDate).format;
  return values === undefined ? isPlain(value) : values.every(isPlain);
}

const isPlain = (value: unknown): boolean => typeof value === 'string' && /^[\w.-]+$/.test(value);

function unwrapNull(shape: Shape): { shape: Shape; nullable: boolean } {
  const others = shape.anyOf?.filter(({ type }) => type !== 'null');
  const [only] = others ?? [];
  if (!shape.anyOf || !others || others.length === shape.anyOf.length) return { shape, nullable: false };
  if (others.length !== 1 || !only) throw new Error('A union of more than one shape and null has no column');
  return { shape: only, nullable: true };
}

const isExpression = (column: JsonColumns | JsonExpression): column is JsonExpression =>
  typeof column['json'] === 'string' && Object.keys(column).length === 1;

function firstColumn(columns: JsonColumns): string {
  const [first] = Object.values(columns);
  if (typeof first !== 'string') throw new Error('The first column of a nullable object tells whether it is null');
  return first;
}

const nullWhen = (column: string, otherwise: string): string =>
  `case when ${column} is null then 'null' else ${otherwise} end`;

/** Postgres passes at most 100 arguments to a function. */
const maxArguments = 90;

function concat(parts: readonly Part[]): string {
  const merged: string[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') merged.push(`'${literal.replaceAll("'", "''")}'`);
    literal = '';
  };
  for (const part of parts) {
    if ('text' in part) literal += part.text;
    else {
      flush();
      merged.push(part.sql);
    }
  }
  flush();
  if (merged.length <= maxArguments) return `concat(${merged.join(', ')})`;
  const groups: string[] = [];
  for (let i = 0; i < merged.length; i += maxArguments) {
    groups.push(`concat(${merged.slice(i, i + maxArguments).join(', ')})`);
  }
  return `concat(${groups.join(', ')})`;
}

/** The `row` of a statement that writes one and returns it: that there is none is a fault of ours. */
export function writtenRow<Row>([found]: readonly { readonly row: Row }[]): Row {
  if (found === undefined) throw new Error('the row that was written answers itself');
  return found.row;
}
