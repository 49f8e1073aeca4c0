import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { Decoration } from '@platen/schema/contracts/data/pricing';

/** What was asked for, without its prices. */
export interface RequestedLine {
  readonly product_id: string;
  readonly design_id: string | null;
  readonly decorations: readonly Decoration[];
  readonly sizes: readonly { readonly variant_id: string; readonly quantity: number }[];
}

/** Reads a document's lines as they were asked for, to price them again. */
export function requestedLinesOf(
  kind: 'quote' | 'order',
): (db: Queryable, documentId: string) => Promise<readonly RequestedLine[]> {
  const select = statement<{ lines: readonly RequestedLine[] }>(
    `${kind}s.lines`,
    `select coalesce(json_agg(json_build_object('product_id', l.product_id, 'design_id', l.design_id,
      'decorations', l.decorations, 'sizes',
      (select json_agg(json_build_object('variant_id', s.variant_id, 'quantity', trunc(s.quantity)) order by s.id)
        from erp_${kind}_line_sizes s where s.${kind}_line_id = l.id)) order by l.position), '[]') as lines
    from erp_${kind}_lines l where l.${kind}_id = $1::uuid`,
    { parse: { lines: 'json' } },
  );
  return async (db, documentId) => (await db.query(select, [documentId]))[0]?.lines ?? [];
}
