import { isLosslessNumber, type LosslessNumber, parse, stringify } from 'lossless-json';
import { withoutLogins } from './without-secrets.js';

/** JSON of a site; numbers keep their text, because a double's is not what a shop means. */
export type VendorValue = null | boolean | string | LosslessNumber | VendorValue[] | VendorObject;
export interface VendorObject {
  [name: string]: VendorValue;
}
/** The same for schemas: a number is its text, so that an id may come as either. */
export type TextValue = null | boolean | string | TextValue[] | { [name: string]: TextValue };

const maxDepth = 40;
/** A page of a hundred large orders has some hundred thousand; each costs many times what its text does. */
const maxValues = 1_000_000;

/** An answer that would take all memory and time of the process. */
export class TooManyValues extends RangeError {
  override readonly name = 'TooManyValues';
}

const [quote, backslash] = ['"', '\\'].map((text) => text.charCodeAt(0));
const separators = new Set([',', '[', '{'].map((text) => text.charCodeAt(0)));

function countValues(text: string): number {
  let count = 1;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInText && code === backslash) at += 1;
    else if (code === quote) isInText = !isInText;
    else if (!isInText && separators.has(code)) count += 1;
  }
  return count;
}

/** Links that log in are cut from all texts before anybody sees them. @throws SyntaxError, RangeError */
export function parseVendorJson(text: string): VendorValue {
  if (countValues(text) > maxValues) throw new TooManyValues('more values than a page has');
  // Of JSON nothing else comes; of a member that is there twice the last counts, as everywhere.
  const value = parse(text, null, { onDuplicateKey: ({ newValue }) => newValue }) as VendorValue;
  return copyOf(value, 0);
}

/** A lone half of a pair, and the character that no database keeps. */
const noText = /\p{Cs}|\0/gu;

function copyOf(value: VendorValue, depth: number): VendorValue {
  if (depth > maxDepth) throw new RangeError('too deep');
  if (typeof value === 'string') return withoutLogins(value.replace(noText, '\ufffd'));
  if (Array.isArray(value)) return value.map((item) => copyOf(item, depth + 1));
  if (!isVendorObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member, depth + 1)]));
}

export const isVendorObject = (value: VendorValue | undefined): value is VendorObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);

export function textOf(value: VendorValue): TextValue {
  if (isLosslessNumber(value)) return value.toString();
  if (Array.isArray(value)) return value.map(textOf);
  if (!isVendorObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, textOf(member)]));
}

/** As JSON has it inside a text, in bytes. */
export const rawBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
const maxRawBytes = 200_000;
const hopeless = 2_000_000;
// A text has no fewer bytes than characters: what is far too long is not written once more to be counted.
const isKept = (text: string): boolean => text.length <= maxRawBytes && rawBytes(text) <= maxRawBytes;
/** What may go first of a record that is too large to be kept: it is of no use here. */
const optional = [
  'views',
  'workflow_items',
  'attachment_urls',
  'notes',
  'shipments',
  'custom_fields',
  'payments',
  'refunds',
];

/** The record as it came. Of one that is too large, what was left out is named in `_left_out`. */
export function rawOf(record: VendorObject): string {
  const whole = jsonOf(record);
  if (isKept(whole)) return whole;
  // No call to the plane could carry its other parts, and to look through them again and again would hold up all jobs.
  const least = whole.length > hopeless ? 0 : optional.length;
  let found: string | null = null;
  for (let [low, high] = [1, least]; low <= high; ) {
    const middle = (low + high) >> 1;
    const text = jsonWithout(record, optional.slice(0, middle));
    if (isKept(text)) [found, high] = [text, middle - 1];
    else low = middle + 1;
  }
  if (found !== null) return found;
  // Its plain members: what they are is in our own record of it.
  const plain = Object.entries(record).filter(([, member]) => typeof member !== 'object' || isLosslessNumber(member));
  const short = plain.map(([name, member]) => [name, typeof member === 'string' ? member.slice(0, 500) : member]);
  const text = jsonOf({ ...Object.fromEntries(short.slice(0, 100)), _left_out: ['everything nested'] });
  return isKept(text) ? text : jsonOf({ _left_out: ['everything'] });
}

// Never undefined: what was parsed can be written.
const jsonOf = (value: VendorValue): string => stringify(value) ?? 'null';

function jsonWithout(record: VendorObject, names: readonly string[]): string {
  const left = new Set(names);
  const strip = (value: VendorValue): VendorValue => {
    if (Array.isArray(value)) return value.map(strip);
    if (!isVendorObject(value)) return value;
    const members = Object.entries(value).filter(([name]) => !left.has(name));
    return Object.fromEntries(members.map(([name, member]) => [name, strip(member)]));
  };
  // Of an object, an object.
  return jsonOf({ ...(strip(record) as VendorObject), _left_out: [...names] });
}
