import { plainCell } from '@platen/chassis/csv/cells';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import { productKinds, productStatuses, variantStatuses } from '@platen/schema/contracts/data/catalog';
import type { rowRefusals } from '@platen/schema/contracts/data/catalog-transfer';
import type { Column, Header, WeightUnit } from './columns.js';
import { isGtin } from './gtin.js';

export type RefusalCode = (typeof rowRefusals)[number];

/** Why one row is not taken; the others are. */
export class RowRefusal extends Error {
  readonly column: Column | null;
  readonly code: RefusalCode;
  constructor(column: Column | null, code: RefusalCode, message: string) {
    super(message);
    this.column = column;
    this.code = code;
  }
}

/** One variant and what its row says of its product. null: the row does not say. */
export interface CatalogRow {
  readonly row: number;
  readonly style: string;
  readonly name: string | null;
  readonly brand: string | null;
  readonly description: string | null;
  readonly category: string | null;
  readonly productStatus: string | null;
  readonly kind: string | null;
  readonly taxClass: string | null;
  readonly sku: string;
  readonly gtin: string | null;
  readonly optionValues: Readonly<Record<string, string>>;
  /** With four decimals, as Postgres writes them. */
  readonly price: string | null;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly weightG: number | null;
  readonly status: string | null;
}

export interface RowSettings {
  readonly decimal: 'point' | 'comma';
  readonly weightUnit: WeightUnit;
}

const maxLengths: Partial<Record<Column, number>> = { name: 200, brand: 100, description: 4_000, colour: 64, size: 64 };
const gramsPer: Readonly<Record<WeightUnit, number>> = { g: 1, kg: 1_000, oz: 28.349523125, lb: 453.59237 };

/** @throws RowRefusal */
export function readRow(record: readonly string[], row: number, header: Header, settings: RowSettings): CatalogRow {
  // A cell too many has moved all that follow it.
  if (record.length > header.width && record.slice(header.width).some((cell) => cell.trim() !== '')) {
    throw new RowRefusal(null, 'too_many_cells', `has ${record.length} cells, the header ${header.width}`);
  }
  const cell = (column: Column): string | null => {
    const place = header.places.get(column);
    const text = place === undefined ? '' : plainCell((record[place] ?? '').trim());
    if (text === '') return null;
    if (hasControls(text)) throw new RowRefusal(column, 'invalid', 'has a control character');
    const limit = maxLengths[column];
    if (limit !== undefined && text.length > limit) throw new RowRefusal(column, 'too_long', `is longer than ${limit}`);
    return text;
  };
  const style = code('style', cell('style'));
  if (style === null) throw new RowRefusal('style', 'required', 'is missing');
  const optionValues = readOptions(cell);
  return {
    row,
    style,
    name: cell('name'),
    brand: cell('brand'),
    description: cell('description'),
    category: cell('category'),
    productStatus: oneOf('product_status', cell('product_status'), productStatuses),
    kind: oneOf('kind', cell('kind'), productKinds),
    taxClass: code('tax_class', cell('tax_class')),
    sku: code('sku', cell('sku')) ?? skuOf(style, optionValues),
    gtin: readGtin(cell('gtin')),
    optionValues,
    price: readAmount('price', cell('price'), settings.decimal),
    cost: readAmount('cost', cell('cost'), settings.decimal),
    currency: cell('currency'),
    weightG: readWeight(cell('weight_g'), settings),
    status: oneOf('status', cell('status'), variantStatuses),
  };
}

/** JSON can name half a surrogate pair, which UTF-8 has not. */
const isText = (text: string): boolean => !hasControls(text) && !/\p{Cs}/u.test(text);

/** Line breaks and tabs are text; the rest of C0, which Postgres or a terminal would choke on, is not. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return true;
  }
  return false;
}

function code(column: Column, text: string | null): string | null {
  if (text === null) return null;
  if (text.length > 64) throw new RowRefusal(column, 'too_long', 'is longer than 64');
  try {
    return normalizeCode(text.replace(/\s+/g, '-'), '');
  } catch {
    throw new RowRefusal(column, 'invalid', 'has characters that a code cannot have');
  }
}

function oneOf(column: Column, text: string | null, allowed: readonly string[]): string | null {
  if (text === null || allowed.includes(text)) return text;
  throw new RowRefusal(column, 'invalid', `is none of ${allowed.join(', ')}`);
}

/** From the style and the options, where a supplier numbers no variants. */
function skuOf(style: string, options: Readonly<Record<string, string>>): string {
  const parts = Object.values(options).map((value) => value.replace(/[^\p{L}\p{N}._/-]+/gu, '-'));
  if (parts.length === 0)
    throw new RowRefusal('sku', 'required', 'is missing, and there is no colour or size to make one of');
  return code('sku', [style, ...parts].join('-')) ?? style;
}

function readOptions(cell: (column: Column) => string | null): Record<string, string> {
  const options: Record<string, string> = {};
  const [colour, size, others] = [cell('colour'), cell('size'), cell('options')];
  if (colour !== null) options['colour'] = colour;
  if (size !== null) options['size'] = size;
  if (others === null) return options;
  for (const [name, value] of Object.entries(parseOptions(others))) options[name] = value;
  if (Object.keys(options).length > 8) throw new RowRefusal('options', 'invalid', 'has more than eight options');
  return options;
}

/** `{"fit":"slim"}`: what is neither a colour nor a size. */
function parseOptions(text: string): Record<string, string> {
  const refuse = () => new RowRefusal('options', 'invalid', 'is no JSON object of texts');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse();
  const entries = Object.entries(value);
  for (const [name, option] of entries) {
    const fits = typeof option === 'string' && option.length >= 1 && option.length <= 64 && isText(option + name);
    if (!fits || name.length < 1 || name.length > 32) throw refuse();
  }
  return Object.fromEntries(entries);
}

function readGtin(text: string | null): string | null {
  if (text === null) return null;
  const digits = text.replace(/[\s-]/g, '');
  if (!isGtin(digits)) {
    const isNumber = /e\+?\d+$/i.test(digits);
    throw new RowRefusal(
      'gtin',
      'gtin_invalid',
      isNumber ? 'was written as a number by a spreadsheet' : 'has a wrong length or check digit',
    );
  }
  return digits;
}

/** Each half is tried once a place: whoever fills a cell with spaces waits no longer than others. */
const symbols = /^(?:[€$£]|EUR|USD|GBP|CHF)|(?:[€$£]|EUR|USD|GBP|CHF)$/g;

/** Exact: a text of digits all the way. */
function readAmount(column: Column, text: string | null, decimal: 'point' | 'comma'): string | null {
  const number = text === null ? null : readDecimal(text.replace(symbols, '').trim(), decimal);
  if (text === null || number !== null) return number;
  throw new RowRefusal(column, 'invalid', `is no amount with at most four decimals and a decimal ${decimal}`);
}

function readDecimal(text: string, decimal: 'point' | 'comma'): string | null {
  const match = (decimal === 'comma' ? /^(\d{1,14})(?:,(\d{1,10}))?$/ : /^(\d{1,14})(?:\.(\d{1,10}))?$/).exec(text);
  if (match === null) return null;
  const [, whole = '', part = ''] = match;
  if (/[1-9]/.test(part.slice(4))) return null;
  return `${whole.replace(/^0+(?=\d)/, '')}.${part.slice(0, 4).padEnd(4, '0')}`;
}

/** Weights are measured: to the nearest gram. */
function readWeight(text: string | null, { decimal, weightUnit }: RowSettings): number | null {
  if (text === null) return null;
  const isNumber = (decimal === 'comma' ? /^\d{1,7}(?:,\d{1,10})?$/ : /^\d{1,7}(?:\.\d{1,10})?$/).test(text);
  const grams = isNumber ? Math.round(Number(text.replace(',', '.')) * gramsPer[weightUnit]) : Number.NaN;
  if (grams >= 0 && grams <= 1_000_000) return grams;
  throw new RowRefusal('weight_g', 'invalid', 'is no weight');
}
