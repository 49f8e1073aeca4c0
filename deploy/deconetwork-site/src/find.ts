import type { Habits } from './habits.js';
import { entriesOf, integerOf, type Parameters, textOf } from './parameters.js';
import { invalidParameters, Refusal } from './refusal.js';
import type { SearchField, SearchFields } from './search-fields.js';
import { conditionCodes, statusCodes } from './shapes.js';

export type FieldValue = string | number | boolean | null;
export interface Searchable<Row> {
  readonly rows: readonly Row[];
  readonly fields: SearchFields;
  /** A field by its name; a date in RFC 3339. */
  readonly read: (row: Row, name: string) => FieldValue;
  /** The field that rows are sorted by when `sortby` doesn't say. */
  readonly sortBy: number;
}
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

const maxRows = 100;
const { eq, ne, lt, gt, lte, gte, between } = conditionCodes;

/** A page of what fulfils all conditions; throws the vendor's refusals. */
export function findRows<Row>(source: Searchable<Row>, parameters: Parameters, habits: Habits, repeat: boolean) {
  const tests = conditionsOf(parameters).map((condition, index) => testOf(source, condition, index + 1));
  const limit = integerOf(parameters, 'limit') ?? maxRows;
  const offset = integerOf(parameters, 'offset') ?? 0;
  if (!(limit >= 0 && limit <= maxRows && offset >= 0)) {
    throw new Refusal(statusCodes.invalidLimitOrOffset, 'Invalid limit or offset');
  }
  const found = sorted(
    source,
    source.rows.filter((row) => tests.every((test) => test(row))),
    integerOf(parameters, 'sortby') ?? source.sortBy,
    habits.sort,
  );
  const start = repeat && offset > 0 ? offset - 1 : offset;
  return { rows: found.slice(start, offset + limit), total: found.length } satisfies Page<Row>;
}

/** The `conditions[n][…]`, or the one that the parameters are themselves. */
function conditionsOf(parameters: Parameters): Parameters[] {
  const many = entriesOf(parameters, 'conditions');
  if (many.length > 0) return many;
  const single = ['field', 'condition', 'string', 'date1'].some((name) => textOf(parameters, name) !== undefined);
  if (!single) throw new Refusal(statusCodes.noConditions, 'No conditions specified');
  return [parameters];
}

function testOf<Row>({ fields, read }: Searchable<Row>, condition: Parameters, n: number): (row: Row) => boolean {
  for (const name of ['field', 'condition']) {
    if (textOf(condition, name) === undefined) {
      throw new Refusal(statusCodes.conditionInvalid, `Condition ${n} '${name}' is missing`);
    }
  }
  const field = fields[integerOf(condition, 'field') ?? 0];
  const operator = integerOf(condition, 'condition') ?? 0;
  if (field === undefined || !(operator >= eq && operator <= between)) throw invalidParameters();
  if (field.kind === 'date') return dateTest(condition, operator, (row: Row) => read(row, field.name));
  return textTest(condition, operator, field, (row: Row) => read(row, field.name));
}

function dateTest<Row>(condition: Parameters, operator: number, read: (row: Row) => FieldValue) {
  const from = dateOf(condition, 'date1');
  const to = operator === between ? dateOf(condition, 'date2') : from;
  return (row: Row): boolean => {
    const value = read(row);
    return value !== null && holds(operator, Date.parse(String(value)), from, to);
  };
}

/** UTC, to the second, without a zone: that is how it is documented; with one it is no date. */
function dateOf(condition: Parameters, name: 'date1' | 'date2'): number {
  const text = textOf(condition, name) ?? '';
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?$/.exec(text);
  const ms = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2] ?? '00:00:00'}Z`);
  if (Number.isNaN(ms)) throw new Refusal(statusCodes.conditionInvalid, `${name} is invalid`);
  return ms;
}

function textTest<Row>(condition: Parameters, operator: number, field: SearchField, read: (row: Row) => FieldValue) {
  const wanted = textOf(condition, 'string');
  const flag = field.name === 'inv_on';
  if (wanted === undefined || operator === between || (flag && operator > ne)) throw invalidParameters();
  return (row: Row): boolean => {
    const value = read(row);
    const text = typeof value === 'boolean' ? String(Number(value)) : String(value ?? '');
    const numbers = [text, wanted].every((one) => /^\d+$/.test(one));
    return numbers ? holds(operator, Number(text), Number(wanted)) : holds(operator, text, wanted);
  };
}

function holds<T extends string | number>(operator: number, value: T, from: T, to: T = from): boolean {
  switch (operator) {
    case eq:
      return value === from;
    case ne:
      return value !== from;
    case lt:
      return value < from;
    case gt:
      return value > from;
    case lte:
      return value <= from;
    case gte:
      return value >= from;
    default:
      return value >= from && value <= to;
  }
}

/** Rows of the same value stay in the order in which they came to be. */
function sorted<Row>({ fields, read }: Searchable<Row>, rows: Row[], by: number, order: Habits['sort']): Row[] {
  const name = fields[by]?.name;
  if (name === undefined) throw invalidParameters();
  const keyed = rows.map((row, index) => ({ row, index, key: read(row, name) ?? '' }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index));
  if (order === 'newest') keyed.reverse();
  return keyed.map(({ row }) => row);
}
