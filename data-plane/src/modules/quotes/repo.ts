import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { QuoteStatus } from '@platen/schema/states/quote';
import { requestedLinesOf } from '../priced-lines/index.js';
import { quoteJson } from './json.js';
import { statusSql } from './status.js';

export interface JsonDocument {
  readonly body: string;
  readonly version: number;
}

const selectQuote = statement<JsonDocument>(
  'quotes.get',
  `select ${quoteJson(statusSql('q', '$2::date'))} as body, q.version from erp_quotes q where q.id = $1::uuid`,
  { parse: { version: 'int' } },
);

/** With the status that it has `today`. */
export async function findQuote(db: Queryable, id: string, today: string): Promise<JsonDocument | undefined> {
  const [row] = await db.query(selectQuote, [id, today]);
  return row;
}

export interface LockedQuote {
  readonly status: QuoteStatus;
  readonly version: number;
  readonly revision: number;
  readonly workspace_id: string | null;
  readonly store_id: string | null;
  readonly customer_id: string;
  readonly valid_until: string;
  readonly due_on: string | null;
  readonly supersedes_id: string | null;
  readonly deposit_due: string | null;
  readonly currency: string;
  readonly tax: string;
  readonly total: string;
  readonly rule_set_version_id: string;
  readonly created_at: Date;
  readonly number: string | null;
}

const lockQuoteRow = statement<LockedQuote>(
  'quotes.lock',
  `select status, version, revision, workspace_id, store_id, customer_id, valid_until::text, due_on::text,
    supersedes_id, deposit_due, currency, tax, total, rule_set_version_id, created_at, number
  from erp_quotes where id = $1::uuid for update`,
  { parse: { version: 'int', revision: 'int', created_at: 'date' } },
);

/** The quote's row, locked to the end of the transaction: before its event and its state change. */
export async function lockQuote(tx: Tx, id: string): Promise<LockedQuote | undefined> {
  const [row] = await tx.query(lockQuoteRow, [id]);
  return row;
}

export interface QuoteLineIds {
  readonly lineIds: readonly string[];
  readonly sizeIds: readonly string[];
  readonly taxIds: readonly string[];
}

// No join: on tables that were never analyzed, a planner that expects one row an owner pairs every line with every size.
const selectLineIds = statement<QuoteLineIds>(
  'quotes.line_ids',
  `select
    coalesce((select json_agg(id order by position) from erp_quote_lines where quote_id = $1::uuid), '[]') as "lineIds",
    coalesce((select json_agg(id order by id) from erp_quote_line_sizes where quote_line_id = any (
      array(select id from erp_quote_lines where quote_id = $1::uuid))), '[]') as "sizeIds",
    coalesce((select json_agg(id) from erp_quote_taxes where quote_id = $1::uuid), '[]') as "taxIds"`,
  { parse: { lineIds: 'json', sizeIds: 'json', taxIds: 'json' } },
);

export async function findLineIds(tx: Tx, quoteId: string): Promise<QuoteLineIds> {
  const [row] = await tx.query(selectLineIds, [quoteId]);
  return row ?? { lineIds: [], sizeIds: [], taxIds: [] };
}

export const listRequestedLines = requestedLinesOf('quote');

/** Decimal texts, in the quote's currency. */
export interface LinePrices {
  readonly position: number;
  readonly unit_price: string;
  readonly fee_total: string;
  readonly line_total: string;
}
const selectLinePrices = statement<LinePrices>(
  'quotes.line_prices',
  `select position, unit_price, fee_total, line_total from erp_quote_lines where quote_id = $1::uuid order by position`,
  { parse: { position: 'int' } },
);

export const listLinePrices = (tx: Tx, quoteId: string): Promise<LinePrices[]> => tx.query(selectLinePrices, [quoteId]);

export interface LineReceipt extends LinePrices {
  readonly product_id: string;
  /** Pieces. */
  readonly quantity: number;
  readonly receipt: string;
}
const selectLineReceipts = statement<LineReceipt>(
  'quotes.line_receipts',
  `select position, product_id, trunc(quantity) as quantity, unit_price, fee_total, line_total, receipt
   from erp_quote_lines where quote_id = $1::uuid order by position`,
  { parse: { position: 'int', quantity: 'int' } },
);

export const listLineReceipts = (tx: Tx, quoteId: string): Promise<LineReceipt[]> =>
  tx.query(selectLineReceipts, [quoteId]);

export interface LinkedRow {
  readonly status: QuoteStatus;
  readonly valid_until: string;
  readonly store_id: string | null;
  readonly accept_token_hash: string | null;
}
const selectLinked = statement<LinkedRow>(
  'quotes.linked',
  'select status, valid_until::text, store_id, accept_token_hash from erp_quotes where id = $1::uuid',
);

export async function findLinked(db: Queryable, id: string): Promise<LinkedRow | undefined> {
  const [row] = await db.query(selectLinked, [id]);
  return row;
}
