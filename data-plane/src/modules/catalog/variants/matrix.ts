import { type AppError, invalidField } from '@platen/chassis/http/app-error';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import { maxGenerated } from '@platen/schema/contracts/data/catalog';
import type { Option } from '../options.js';

type Values = Readonly<Record<string, string>>;
const patternPath = '/body/sku_pattern';

/** The same for the same values, in whatever order they are written. */
export const cellOf = (values: Values): string =>
  JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Every combination of the options that `taken` has not, in the order of the options.
 * @throws AppError validation_failed: no options, a choice that is none of theirs, more combinations than one request makes
 */
export function missingCells(
  options: readonly Option[],
  only: Readonly<Record<string, readonly string[]>>,
  taken: ReadonlySet<string>,
): { readonly missing: Values[]; readonly existing: number } {
  if (options.length === 0) throw refused('/params/id', 'the product declares no options');
  for (const [name, values] of Object.entries(only)) {
    const option = options.find((declared) => declared.name === name);
    if (!option) throw refused(`/body/only/${name}`, 'is no option of this product');
    const unknown = values.find((value) => !option.values.includes(value));
    if (unknown !== undefined) throw refused(`/body/only/${name}`, `"${unknown}" is none of the values of this option`);
  }
  const missing: Values[] = [];
  let existing = 0;
  for (const cell of cellsOf(options, only)) {
    if (taken.has(cellOf(cell))) existing += 1;
    else missing.push(cell);
    if (missing.length > maxGenerated) {
      throw refused('/body/only', `more than ${maxGenerated} variants are missing: choose some of the values`);
    }
    if (existing > maxCells) throw refused('/body/only', 'too many combinations: choose some of the values');
  }
  return { missing, existing };
}

const maxCells = 100_000;

function* cellsOf(
  [first, ...rest]: readonly Option[],
  only: Readonly<Record<string, readonly string[]>>,
): Generator<Values> {
  if (!first) {
    yield {};
    return;
  }
  const chosen = Object.hasOwn(only, first.name) ? only[first.name] : undefined;
  for (const value of first.values) {
    if (chosen && !chosen.includes(value)) continue;
    for (const others of cellsOf(rest, only)) yield { [first.name]: value, ...others };
  }
}

/**
 * SKUs of cells, from a pattern such as `{code}-{colour}-{size}`.
 * @throws AppError validation_failed: a name in braces that means nothing, a SKU that is none, one SKU for two cells
 */
export function skusOf(pattern: string, code: string, cells: readonly Values[]): string[] {
  const cellOfSku = new Map<string, Values>();
  for (const cell of cells) {
    const text = pattern.replace(/\{([^{}]*)\}/g, (_, name: string) => {
      if (name === 'code') return code;
      const value = Object.hasOwn(cell, name) ? cell[name] : undefined;
      if (value === undefined) throw refused(patternPath, `{${name}} is no option of this product`);
      return codeOf(value);
    });
    const sku = normalizeCode(text, patternPath);
    const other = cellOfSku.get(sku);
    if (other) {
      const both = [other, cell].map((values) => Object.values(values).join(' / '));
      throw refused(patternPath, `"${sku}" would be the SKU of ${both.join(' and of ')}`);
    }
    cellOfSku.set(sku, cell);
  }
  return [...cellOfSku.keys()];
}

/** `Royal Blue` → `royal-blue`: what a code can't hold parts its words. */
const codeOf = (value: string): string =>
  value
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}._/]+/u)
    .filter((part) => part !== '')
    .join('-');

const refused = (path: string, message: string): AppError => invalidField(path, message);
