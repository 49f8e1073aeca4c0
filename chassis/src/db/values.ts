import type { Value } from './types.js';

type Scalar = string | number | boolean | null;

function arrayElement(value: Scalar): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

const isScalar = (value: unknown): value is Scalar => value === null || typeof value !== 'object';

/** A parameter as PostgreSQL's text format; null stays null. Throws TypeError for `undefined` and what has no text. */
export function toText(value: Value): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'object':
      break;
    default:
      throw new TypeError(`a statement's value cannot be ${typeof value}`);
  }
  if (value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value) && value.every(isScalar)) return `{${value.map(arrayElement).join(',')}}`;
  return JSON.stringify(value);
}

const none: readonly (string | null)[] = [];

export function toTexts(values: readonly Value[] | undefined): readonly (string | null)[] {
  if (values === undefined || values.length === 0) return none;
  const texts = new Array<string | null>(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    // `undefined` cannot be typed here, and from a cast it must not become NULL unnoticed: toText refuses it.
    texts[i] = typeof value === 'string' ? value : toText(value as Value);
  }
  return texts;
}
