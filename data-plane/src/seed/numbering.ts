import { demoSettings } from '@platen/schema/seeds/identities';
import type { NumberKind } from '@platen/schema/tables/erp/number-sequences';
import { dateIn } from '../modules/documents/index.js';
import type { Owner } from './document-rows.js';
import type { Row } from './insert-rows.js';

/** Gapless by year, in the order in which the documents are taken: oldest first. */
export class Numbering {
  readonly #last = new Map<string, number>();

  next(kind: NumberKind, prefix: string, at: Date): string {
    const year = dateIn(demoSettings.timeZone, at).slice(0, 4);
    const last = (this.#last.get(`${kind}/${year}`) ?? 0) + 1;
    this.#last.set(`${kind}/${year}`, last);
    return `${prefix}-${year}-${String(last).padStart(5, '0')}`;
  }

  rows(owner: Owner): Row[] {
    return [...this.#last].map(([key, last]) => {
      const [kind = '', year = ''] = key.split('/');
      return {
        tenant_id: owner.tenantId,
        organization_id: owner.organizationId,
        kind,
        year: Number(year),
        last_number: last,
        created_at: 'now',
        updated_at: 'now',
      };
    });
  }
}
