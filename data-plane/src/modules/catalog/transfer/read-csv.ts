import { pipeline, Readable } from 'node:stream';
import { AppError } from '@platen/chassis/http/app-error';
import { CsvError, parse } from 'csv-parse';

export type Delimiter = ',' | ';' | '\t' | '|';
const delimiters: readonly Delimiter[] = [',', ';', '\t', '|'];
/** The names of the columns have to end before. */
const maxHeadLength = 64 * 1024;
/** The parser makes all records of a piece before anybody else has a turn. */
const pieceBytes = 8 * 1024;

export interface CsvFile {
  readonly delimiter: Delimiter;
  /** Records of cells, the header first. @throws AppError malformed_body, or whatever the file fails with */
  readonly records: AsyncIterable<string[]>;
}

/** @throws AppError malformed_body: empty, or not in UTF-8 */
export async function readCsv(file: Readable): Promise<CsvFile> {
  const pieces = decode(file);
  let head = '';
  while (!/[\r\n]\S/.test(head) && head.length < maxHeadLength) {
    const { done, value } = await pieces.next();
    if (done) break;
    head += value;
  }
  if (head.trim() === '') throw new AppError('malformed_body', 'The file is empty');
  const delimiter = detectDelimiter(head);
  const parser = parse({
    delimiter,
    // Inches are written as a quote in the middle of a cell.
    relax_quotes: true,
    relax_column_count: true,
    skip_records_with_empty_values: true,
    max_record_size: 64 * 1024,
  });
  const source = (async function* () {
    yield head;
    yield* pieces;
  })();
  pipeline(Readable.from(source), parser, () => {});
  return { delimiter, records: explained(parser) };
}

/** UTF-8, with or without its mark. What else spreadsheets write is told apart for the message. */
async function* decode(file: Readable): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      if (isFirst && (chunk.includes(0) || (chunk[0] ?? 0) >= 0xfe)) throw notUtf8('The file is in UTF-16');
      isFirst = false;
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        yield decoder.decode(chunk.subarray(at, at + pieceBytes), { stream: true });
      }
    }
    yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? notUtf8('The file is not in UTF-8, perhaps in Windows-1252', error) : error;
  }
}

const notUtf8 = (what: string, cause?: unknown): AppError =>
  new AppError('malformed_body', `${what}: save it as CSV in UTF-8`, { cause });

/** Whichever stands most often in the first line, quoted text aside. */
function detectDelimiter(head: string): Delimiter {
  const [line = ''] = head
    .replace(/"[^"]*"/g, '')
    .trimStart()
    .split(/[\r\n]/, 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  return delimiters.reduce((best, next) => (count(next) > count(best) ? next : best));
}

async function* explained(records: AsyncIterable<string[]>): AsyncGenerator<string[], void> {
  try {
    yield* records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AppError(
      'malformed_body',
      `The file is not readable as CSV from about line ${String(error['lines'] ?? '?')} on`,
      {
        cause: error,
      },
    );
  }
}
