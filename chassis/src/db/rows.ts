import type { ColumnParser, Statement } from './types.js';

type Parse = (text: string) => unknown;
type Fields = readonly (string | null)[];
export type ToRow = (fields: Fields) => unknown;

const parsers: Record<Exclude<ColumnParser, Parse>, Parse> = {
  int: (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no safe integer`);
    return value;
  },
  bool: (text) => text === 't',
  json: (text) => JSON.parse(text),
  date: (text) => new Date(text),
};

const parserOf = (parser: ColumnParser | undefined): Parse | undefined =>
  typeof parser === 'string' ? parsers[parser] : parser;

/** How rows of this statement are made, once its columns are known. One column is the hot case: JSON that Postgres built. */
export function rowMaker(statement: Statement<unknown>, columns: readonly string[]): ToRow {
  const parse = columns.map((column) => parserOf(statement.parse?.[column]));
  const [only] = columns;
  if (columns.length === 1 && only !== undefined && parse[0] === undefined) {
    return (fields) => ({ [only]: fields[0] });
  }
  return (fields) => {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < columns.length; i += 1) {
      const text = fields[i] as string | null;
      const parser = parse[i];
      row[columns[i] as string] = text === null || parser === undefined ? text : parser(text);
    }
    return row;
  };
}
