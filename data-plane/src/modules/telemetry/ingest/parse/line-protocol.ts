import type { timestampPrecisions } from '@platen/schema/contracts/data/telemetry-readings';
import { greatestValue } from '@platen/schema/states/telemetry';
import { type BodyParser, Collected } from './parsed.js';
import { LineSplitter, tooLong } from './split-lines.js';

export type Precision = (typeof timestampPrecisions)[number];

const maxCodeLength = 64;
/** Digits that are finer than a millisecond. */
const fineDigits = { ns: 6, us: 3, ms: 0, s: 0 } as const;

/**
 * InfluxDB's line protocol: `device,tag=x metric=1,other=2i 1700000000000000000`. A measurement is a device, each field a
 * metric of its own; tags are read over. What it allows and is not here: text as a value, and line feeds within one.
 */
export function lineProtocolParser(precision: Precision): BodyParser {
  const collected = new Collected();
  const lines = new LineSplitter((line, number) => {
    const text = line?.trimStart();
    if (text === undefined) collected.malformed(number, tooLong);
    else if (text !== '' && !text.startsWith('#')) readLine(collected, text, number, precision);
  });
  return {
    push: (chunk) => lines.push(chunk),
    end() {
      lines.end();
      return collected;
    },
  };
}

interface Field {
  readonly metric: string;
  readonly value: number | 'no_number' | 'text' | 'not_finite';
}

const faults = {
  text: 'A text is no value here',
  no_number: 'The value is no number, and neither true nor false',
  device: `The line begins with no device, of 1 to ${maxCodeLength} characters`,
  fields: 'No fields can be read: metric=value, with commas between, behind device and tags and one space',
} as const;

function readLine(collected: Collected, text: string, line: number, precision: Precision): void {
  const measurementEnd = endOf(text, 0, ', ');
  const device = unescaped(text.slice(0, measurementEnd));
  const known = device.length <= maxCodeLength ? device : null;
  const fieldsFrom = skipTags(text, measurementEnd);
  const fields = fieldsFrom === null ? null : readFields(text, fieldsFrom);
  // A line whose end cannot be read is one refusal, not one for each field: nobody knows how many there are.
  if (device === '' || known === null) collected.malformed(line, faults.device);
  else if (fields === null) collected.malformed(line, faults.fields, device);
  else {
    const tsMs = readTimestamp(text.slice(fields.end).trim(), precision);
    if (Number.isNaN(tsMs)) collected.malformed(line, `What follows the fields is no time in ${precision}`, device);
    else
      for (const { metric, value } of fields.list) {
        if (typeof value === 'number') collected.add({ line, device, metric, tsMs, value });
        else if (value === 'not_finite') collected.refuse(line, value, device, metric);
        else collected.malformed(line, faults[value], device, metric);
      }
  }
}

/** Where the fields begin, behind tags that are only looked at; null: these are none. */
function skipTags(text: string, from: number): number | null {
  let at = from;
  while (text[at] === ',') {
    const equals = endOf(text, at + 1, ',= ');
    if (text[equals] !== '=' || equals === at + 1) return null;
    const end = endOf(text, equals + 1, ',= ');
    if (end === equals + 1 || text[end] === '=') return null;
    at = end;
  }
  return text[at] === ' ' ? skipSpaces(text, at) : null;
}

function readFields(text: string, from: number): { readonly list: readonly Field[]; readonly end: number } | null {
  const list: Field[] = [];
  let at = from;
  for (;;) {
    const equals = endOf(text, at, ',= ');
    if (text[equals] !== '=' || equals === at) return null;
    const metric = unescaped(text.slice(at, equals));
    const end = text[equals + 1] === '"' ? endOfText(text, equals + 1) : endOf(text, equals + 1, ', ');
    if (end === null || end === equals + 1 || metric.length > maxCodeLength) return null;
    list.push({ metric, value: readValue(text.slice(equals + 1, end)) });
    if (text[end] === ',') at = end + 1;
    else return end === text.length || text[end] === ' ' ? { list, end } : null;
  }
}

// Digits in one way only: with `\d+\.?\d*` a line of digits that is no number takes the square of its length.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const whole = /^-?\d+[iu]$/;
const truths: ReadonlyMap<string, number> = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((word): [string, number] => [word, 1]),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((word): [string, number] => [word, 0]),
]);

function readValue(text: string): Field['value'] {
  const isWhole = whole.test(text);
  if (isWhole || decimal.test(text)) {
    const value = Number(isWhole ? text.slice(0, -1) : text);
    return Math.abs(value) <= greatestValue ? value : 'not_finite';
  }
  return (
    truths.get(text) ??
    (/^[+-]?(?:nan|inf|infinity)$/i.test(text) ? 'not_finite' : text.startsWith('"') ? 'text' : 'no_number')
  );
}

/** null: there is none. A double has no room for nanoseconds, so what is finer than a millisecond goes as text. */
function readTimestamp(text: string, precision: Precision): number | null {
  if (text === '') return null;
  if (!/^-?\d{1,19}$/.test(text)) return Number.NaN;
  const fine = fineDigits[precision];
  const ms = fine === 0 ? Number(text) * (precision === 's' ? 1_000 : 1) : Number(text.slice(0, -fine) || '0');
  // Before 1970 everything is too old: to which side it is cut off is no matter there.
  return Math.abs(ms) <= 8.64e15 ? ms : Number.NaN;
}

/** The first of these characters that no backslash stands before, or the text's end. */
function endOf(text: string, from: number, ends: string): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === '\\') at += 1;
    else if (ends.includes(character)) return at;
  }
  return text.length;
}

/** Behind the closing quote; null: there is none. */
function endOfText(text: string, from: number): number | null {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return null;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at += 1;
  return at;
}

/** A backslash before anything else is one. */
const unescaped = (text: string): string => (text.includes('\\') ? text.replaceAll(/\\([,= ])/g, '$1') : text);
