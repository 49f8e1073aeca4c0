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

/** Links that log in are cut from all texts before anybody sees them. @throws SyntaxError, RangeError */
export function parseVendorJson(text: string): VendorValue {
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
  if (rawBytes(whole) <= maxRawBytes) return whole;
  const leftOut: string[] = [];
  let rest: VendorObject = record;
  for (const name of optional) {
    rest = without(rest, name);
    leftOut.push(name);
    const text = jsonOf({ ...rest, _left_out: leftOut });
    if (rawBytes(text) <= maxRawBytes) return text;
  }
  // Its plain members: what they are is in our own record of it.
  const plain = Object.entries(rest).filter(([, member]) => typeof member !== 'object' || isLosslessNumber(member));
  const short = plain.map(([name, member]) => [name, typeof member === 'string' ? member.slice(0, 500) : member]);
  const text = jsonOf({ ...Object.fromEntries(short.slice(0, 100)), _left_out: ['everything nested'] });
  return rawBytes(text) <= maxRawBytes ? text : jsonOf({ _left_out: ['everything'] });
}

// Never undefined: what was parsed can be written.
const jsonOf = (value: VendorValue): string => stringify(value) ?? 'null';

function without(record: VendorObject, name: string): VendorObject {
  const strip = (value: VendorValue): VendorValue =>
    Array.isArray(value) ? value.map(strip) : isVendorObject(value) ? without(value, name) : value;
  return Object.fromEntries(
    Object.entries(record)
      .filter(([member]) => member !== name)
      .map(([member, value]) => [member, strip(value)]),
  );
}
