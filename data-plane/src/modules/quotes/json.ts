import { jsonSelect } from '@platen/chassis/db/json-select';
import { Quote, QuoteLine, QuoteSummary } from '@platen/schema/contracts/data/quotes';
import { moneyOf } from '../documents/index.js';
import { linesJson, taxSharesJson } from '../priced-lines/index.js';

const head = (row: string) => {
  const money = moneyOf(row);
  return {
    id: `${row}.id`,
    number: `${row}.number`,
    status: `${row}.status`,
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
export const quoteJson = jsonSelect(Quote, {
  ...head('q'),
  lines: linesJson('quote', 'q', QuoteLine),
  taxes: taxSharesJson('quote', 'q'),
});
export const quoteSummaryJson = jsonSelect(QuoteSummary, head('t'));
