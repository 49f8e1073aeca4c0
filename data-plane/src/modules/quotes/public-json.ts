import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { AppError } from '@platen/chassis/http/app-error';
import { PublicQuote, type PublicQuoteStatus } from '@platen/schema/contracts/data/public-quotes';
import type { QuoteStatus } from '@platen/schema/states/quote';

/** Over the alias `q` of a quote that was sent. The document is shown as it was fixed. */
export const publicQuoteJson = (status = 'q.status'): string =>
  jsonSelect(PublicQuote, {
    // That an order was made of it is the shop's matter.
    status: `(case ${status} when 'converted' then 'accepted' else ${status} end)`,
    document: jsonExpression('q.document'),
    document_hash: 'q.document_hash',
    accepted_at: 'q.accepted_at',
    accepted_name: 'q.accepted_name',
    rejected_at: 'q.rejected_at',
  });

/** The same of a status. A draft has no link. @throws AppError not_found */
export function publicStatusOf(status: QuoteStatus): PublicQuoteStatus {
  if (status === 'converted') return 'accepted';
  if (status === 'draft') throw new AppError('not_found');
  return status;
}
