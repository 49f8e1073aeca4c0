import { isUtf8 } from 'node:buffer';
import { AppError } from '@platen/chassis/http/app-error';
import { maxReadings } from '@platen/schema/contracts/data/telemetry-readings';
import { greatestValue } from '@platen/schema/states/telemetry';
import { readInstant } from './instant.js';
import { type BodyParser, Collected, type Parsed, tooMany } from './parsed.js';
import { LineSplitter, tooLong } from './split-lines.js';

const maxCodeLength = 64;
const fields = { device: true, metric: true, ts: true, value: true } as const;

/** `{"readings": [{"device", "metric", "ts", "value"}]}`. */
export function jsonParser(): BodyParser {
  const chunks: Buffer[] = [];
  return {
    push: (chunk) => void chunks.push(chunk),
    end: () => readDocument(parseJson(chunks)),
  };
}

/** An object of the same in each line. */
export function ndjsonParser(): BodyParser {
  const collected = new Collected();
  const lines = new LineSplitter((line, number) => {
    if (line === null) collected.malformed(number, tooLong);
    else if (line.trim() !== '') readReading(collected, parseLine(line), number);
  });
  return {
    push: (chunk) => lines.push(chunk),
    end() {
      lines.end();
      return collected;
    },
  };
}

function parseJson(chunks: readonly Buffer[]): unknown {
  const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  if (!isUtf8(body)) throw new AppError('malformed_body', 'The body is not UTF-8');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    // Where it stands: the parser shows a few characters of what was sent.
    throw new AppError('malformed_body', error instanceof Error ? error.message : undefined);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What is no list of readings as a whole is refused as a whole. */
export function readDocument(document: unknown): Parsed {
  const given = isObject(document) ? document['readings'] : undefined;
  const other = isObject(document) ? Object.keys(document).find((name) => name !== 'readings') : undefined;
  if (!Array.isArray(given) || other !== undefined)
    throw new AppError('validation_failed', undefined, {
      fields: [
        other === undefined
          ? { path: '/body/readings', message: 'must be a list of readings' }
          : { path: `/body/${other}`, message: 'is not known here' },
      ],
    });
  if (given.length > maxReadings) throw tooMany();
  const collected = new Collected();
  for (let place = 0; place < given.length; place += 1) readReading(collected, given[place], place + 1);
  return collected;
}

function readReading(collected: Collected, given: unknown, line: number): void {
  if (!isObject(given)) collected.malformed(line, 'It is no JSON object');
  else {
    const unknown = unknownField(given);
    if (unknown === null) readFields(collected, given, line);
    else collected.malformed(line, `${JSON.stringify(unknown.slice(0, maxCodeLength))} is no field of a reading`);
  }
}

function readFields(collected: Collected, { device, metric, ts, value }: Record<string, unknown>, line: number): void {
  const [deviceCode, metricCode] = [codeOf(device), codeOf(metric)];
  const number = typeof value === 'boolean' ? Number(value) : value;
  const tsMs = ts === undefined ? null : readInstant(ts);
  if (metricCode === null) collected.malformed(line, `metric is ${noCode(metric)}`, deviceCode);
  else if (deviceCode === null && device !== undefined)
    collected.malformed(line, `device is ${noCode(device)}`, null, metricCode);
  else if (typeof number !== 'number')
    collected.malformed(
      line,
      value === undefined ? 'value is missing' : 'value is no number, and neither true nor false',
      deviceCode,
      metricCode,
    );
  else if (Number.isNaN(tsMs))
    collected.malformed(
      line,
      'ts is neither RFC 3339 such as 2026-03-01T09:30:00.000Z nor milliseconds since 1970',
      deviceCode,
      metricCode,
    );
  // 1e999 is JSON, and no number that can be stored; what is nearly as great could not be summed.
  else if (Math.abs(number) > greatestValue) collected.refuse(line, 'not_finite', deviceCode, metricCode);
  else collected.add({ line, device: deviceCode, metric: metricCode, tsMs, value: number });
}

const codeOf = (given: unknown): string | null =>
  typeof given === 'string' && given.length > 0 && given.length <= maxCodeLength ? given : null;

const noCode = (given: unknown): string =>
  given === undefined ? 'missing' : `no text of 1 to ${maxCodeLength} characters`;

function unknownField(given: Record<string, unknown>): string | null {
  for (const name in given) if (!Object.hasOwn(fields, name)) return name;
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
