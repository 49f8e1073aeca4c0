import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import { fold } from '@platen/chassis/validation/normalize';
import type { DnMapDetail } from '@platen/schema/contracts/data/dn-shapes';
import type { DnMapKind, DnSuggestionKind } from '@platen/schema/states/deconetwork';

/** A record of a site, by what people know it by. */
export interface NamedRecord {
  readonly kind: DnMapKind;
  readonly dn_id: string;
  readonly label: string;
  readonly detail: DnMapDetail;
}
export interface Suggestion {
  readonly id: string;
  readonly by: DnSuggestionKind;
}

interface Clue {
  readonly by: DnSuggestionKind;
  readonly value: string;
}
interface Found extends Clue {
  readonly kind: DnMapKind;
  readonly id: string;
  readonly count: number;
}

/**
 * What looks the same is the same name: width, case and spaces do not count. A shop may have a hundred thousand customers,
 * and no index reaches behind row-level security with this: most names are plain, for which little has to be done.
 */
const nameSql = (text: string) => `case
  when octet_length(${text}) = length(${text}) and strpos(translate(${text}, E'\\t\\n\\v\\f\\r', '     '), '  ') = 0
  then lower(btrim(translate(${text}, E'\\t\\n\\v\\f\\r', '     ')))
  else lower(regexp_replace(btrim(normalize(${text}, nfkc)), '\\s+', ' ', 'g')) end`;

/** Rows of ours of one kind with one of these texts. Without texts nothing is read. */
const among = (kind: DnMapKind, by: DnSuggestionKind, table: string, column: string, parameter: number) =>
  `select '${kind}' as kind, '${by}' as by, r.${column} as value, r.id from ${table} r
   where cardinality($${parameter}::text[]) > 0 and r.${column} = any($${parameter}::text[])`;
const byName = (kind: DnMapKind, table: string, parameter: number) =>
  `select '${kind}', 'name', r.name, r.id from ${table} r
   where cardinality($${parameter}::text[]) > 0
     and ${nameSql('r.name')} = any(array(select ${nameSql('given')} from unnest($${parameter}::text[]) given))`;

// What another record of the site is already is not suggested again.
const match = statement<Found>(
  'dn_map.suggest',
  `select kind, by, value, min(id::text) as id, count(*) as count from (
     ${[
       among('variant', 'sku', 'erp_product_variants', 'sku', 2),
       among('product', 'code', 'erp_products', 'code', 3),
       among('customer', 'email', 'erp_customers', 'email', 4),
       byName('product', 'erp_products', 5),
       byName('customer', 'erp_customers', 6),
       among('order', 'number', 'erp_orders', 'number', 7),
       among('purchase_order', 'number', 'erp_purchase_orders', 'number', 8),
     ].join('\n union all ')}
   ) found
   where not exists (select from dn_maps m where m.connection_id = $1::uuid and m.kind = found.kind and m.local_id = found.id)
   group by kind, by, value`,
  { parse: { count: 'int' } },
);

const clues = [
  ['variant', 'sku'],
  ['product', 'code'],
  ['customer', 'email'],
  ['product', 'name'],
  ['customer', 'name'],
  ['order', 'number'],
  ['purchase_order', 'number'],
] as const;

/** The texts by which a record may be found, the surest first. */
function cluesOf({ kind, dn_id: dnId, label, detail }: NamedRecord): Clue[] {
  const folded = (by: DnSuggestionKind, text: string | null | undefined): Clue[] =>
    typeof text === 'string' && text !== '' ? [{ by, value: fold(text) }] : [];
  switch (kind) {
    case 'variant':
      return folded('sku', detail.sku);
    case 'product':
      return [...folded('code', detail.code), { by: 'name', value: label.trim() }];
    case 'customer':
      return [...folded('email', detail.email), { by: 'name', value: label.trim() }];
    case 'order':
    case 'purchase_order':
      return [{ by: 'number', value: dnId }];
    case 'status':
      return [];
  }
}

/** One spelling for all texts that a clue finds. */
const keyOf = (kind: DnMapKind, { by, value }: Clue): string =>
  `${kind} ${by} ${by === 'name' ? fold(value).trim().replaceAll(/\s+/g, ' ') : value}`;

/**
 * What each record may be here: the only row of ours that its surest clue finds. Two are none: whoever chooses between
 * them has to look. In the order of the records.
 */
export async function suggestFor(
  db: Queryable,
  connectionId: string,
  records: readonly NamedRecord[],
): Promise<(Suggestion | null)[]> {
  const cluesOfAll = records.map((record) => cluesOf(record));
  const texts = clues.map(([kind, by]) => [
    ...new Set(
      records.flatMap((record, index) =>
        record.kind === kind
          ? (cluesOfAll[index] ?? []).filter((clue) => clue.by === by).map(({ value }) => value)
          : [],
      ),
    ),
  ]);
  if (texts.every((list) => list.length === 0)) return records.map(() => null);
  const found = new Map<string, { readonly id: string; readonly count: number }>();
  for (const row of await db.query(match, [connectionId, ...texts])) {
    const key = keyOf(row.kind, row);
    found.set(key, { id: row.id, count: row.count + (found.get(key)?.count ?? 0) });
  }
  return records.map(({ kind }, index) => {
    for (const clue of cluesOfAll[index] ?? []) {
      const match = found.get(keyOf(kind, clue));
      if (match) return match.count === 1 ? { id: match.id, by: clue.by } : null;
    }
    return null;
  });
}
