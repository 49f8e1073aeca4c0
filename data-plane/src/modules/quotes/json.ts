import { jsonSelect } from '@platen/chassis/db/json-select';
import { Quote, QuoteLine, QuoteSummary } from '@platen/schema/contracts/data/quotes';
import { moneyOf } from '../documents/index.js';
import { linesJson, taxSharesJson } from '../priced-lines/index.js';

const head = (row: string, status: string) => {
  const money = moneyOf(row);
  return {
    id: `${row}.id`,
    number: `${row}.number`,
    status,
    revision: `${row}.revision`,
    supersedes_id: `${row}.supersedes_id`,
    customer_id: `${row}.customer_id`,
    organization_id: `${row}.organization_id`,
    workspace_id: `${row}.workspace_id`,
    store_id: `${row}.store_id`,
    currency: `${row}.currency`,
    subtotal: money('subtotal'),
    discount: money('discount'),
    tax: money('tax'),
    total: money('total'),
    deposit_due: money('deposit_due'),
    valid_until: `${row}.valid_until`,
    due_on: `${row}.due_on`,
    rule_set_version_id: `${row}.rule_set_version_id`,
    version: `${row}.version`,
    created_at: `${row}.created_at`,
    updated_at: `${row}.updated_at`,
  };
};

/** SQL text of a quote with its lines, over the alias `q`: erp_quotes, or a CTE that wrote the row. */
export const quoteJson = (status = 'q.status'): string =>
  jsonSelect(Quote, {
    ...head('q', status),
    sent_at: 'q.sent_at',
    document_hash: 'q.document_hash',
    accepted_at: 'q.accepted_at',
    accepted_by: 'q.accepted_by',
    accepted_name: 'q.accepted_name',
    accepted_ip: 'q.accepted_ip',
    rejected_at: 'q.rejected_at',
    rejected_by: 'q.rejected_by',
    rejected_name: 'q.rejected_name',
    reject_reason: 'q.reject_reason',
    lines: linesJson('quote', 'q', QuoteLine),
    taxes: taxSharesJson('quote', 'q'),
  });

/** The members of a draft's JSON that say what became of it. */
export const noOutcomeMembers =
  '"sent_at":null,"document_hash":null,"accepted_at":null,"accepted_by":null,"accepted_name":null,"accepted_ip":null' +
  ',"rejected_at":null,"rejected_by":null,"rejected_name":null,"reject_reason":null';

/** Over the alias `t`. */
export const quoteSummaryJson = (status: string): string => jsonSelect(QuoteSummary, head('t', status));
