import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Location, Sheet } from './sheet.js';

const selectVariants = statement<{ id: string }>(
  'stock.variants',
  'select id from erp_product_variants where id = any ($1::uuid[])',
);

interface Line {
  readonly variant_id: string;
}

/** @throws AppError unknown_reference, naming the lines */
export async function requireVariants(tx: Tx, lines: readonly Line[]): Promise<void> {
  const found = new Set((await tx.query(selectVariants, [lines.map((line) => line.variant_id)])).map(({ id }) => id));
  const fields = lines.flatMap(({ variant_id }, index) =>
    found.has(variant_id) ? [] : [{ path: `/body/lines/${index}/variant_id`, message: 'is not known' }],
  );
  if (fields.length > 0) throw new AppError('unknown_reference', undefined, { fields });
}

/** What is said twice of a variant contradicts itself. @throws AppError validation_failed */
export function requireDistinct(lines: readonly Line[]): void {
  const seen = new Set<string>();
  const fields = lines.flatMap(({ variant_id }, index) => {
    if (!seen.has(variant_id)) {
      seen.add(variant_id);
      return [];
    }
    return [{ path: `/body/lines/${index}/variant_id`, message: 'is in another line already' }];
  });
  if (fields.length > 0) throw new AppError('validation_failed', undefined, { fields });
}

/** A location that holds stock. @throws AppError unknown_reference */
export function requireInternal(sheet: Sheet, id: string, path: string): Location {
  const location = sheet.locations.find((each) => each.id === id);
  if (location?.kind === 'internal') return location;
  throw new AppError('unknown_reference', undefined, {
    fields: [{ path, message: 'is no location that holds stock' }],
  });
}
