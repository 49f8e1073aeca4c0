import type { NumberKind } from '@platen/schema/tables/erp/number-sequences';

/**
 * Gapless numbers per organization, kind and year. The statement that carries these parts also updates the document and
 * inserts its event, and is the last that a transaction waits for: the sequence's row is locked for about one round trip
 * to the commit. A transaction that rolls back gives its number back with the lock.
 */
export function nextNumberSql(part: {
  readonly kind: NumberKind;
  /** Parameters: `$1`, …; prefix as text, year as int. */
  readonly tenantId: string;
  readonly organizationId: string;
  readonly year: string;
}): string {
  return `insert into erp_number_sequences as s (tenant_id, organization_id, kind, year, last_number)
    values (${part.tenantId}::uuid, ${part.organizationId}::uuid, '${part.kind}', ${part.year}::int, 1)
    on conflict (tenant_id, organization_id, kind, year)
      do update set last_number = s.last_number + 1, updated_at = now()
    returning s.year, s.last_number`;
}

/** SQL of the number's text over the row of `nextNumberSql`: prefix, year, at least five digits. */
export const numberTextSql = (next: string, prefix: string): string =>
  `concat(${prefix}::text, '-', ${next}.year, '-', lpad(${next}.last_number::text, greatest(5, length(${next}.last_number::text)), '0'))`;
