import { outboxRowSql, outboxRowValues } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { QuoteStatus } from '@platen/schema/states/quote';
import type { TenantCtx } from '../module.js';
import { nextNumberSql, numberTextSql } from '../numbers/index.js';
import { requestedLinesOf } from '../priced-lines/index.js';
import { quoteJson } from './json.js';

export interface JsonDocument {
  readonly body: string;
  readonly version: number;
}

const selectQuote = statement<JsonDocument>(
  'quotes.get',
  `select ${quoteJson} as body, q.version from erp_quotes q where q.id = $1::uuid`,
  { parse: { version: 'int' } },
);

export async function findQuote(db: Queryable, id: string): Promise<JsonDocument | undefined> {
  const [row] = await db.query(selectQuote, [id]);
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
  readonly created_at: Date;
  readonly number: string | null;
}

const lockQuoteRow = statement<LockedQuote>(
  'quotes.lock',
  `select status, version, revision, workspace_id, store_id, customer_id, valid_until::text, due_on::text,
    supersedes_id, deposit_due, currency, created_at, number
  from erp_quotes where id = $1::uuid for update`,
  { parse: { version: 'int', revision: 'int', created_at: 'date' } },
);

/** The quote's row, locked to the end of the transaction: before its event and its state change. */
export async function lockQuote(tx: Tx, id: string): Promise<LockedQuote | undefined> {
  const [row] = await tx.query(lockQuoteRow, [id]);
  return row;
}

const selectEmail = statement<{ email: string | null }>(
  'quotes.customer_email',
  'select c.email from erp_customers c where c.id = (select customer_id from erp_quotes where id = $1::uuid)',
);

export async function findCustomerEmail(tx: Tx, quoteId: string): Promise<string | null> {
  const [row] = await tx.query(selectEmail, [quoteId]);
  return row?.email ?? null;
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

/** What was asked for, without its prices. */
export const listRequestedLines = requestedLinesOf('quote');

const send = statement<JsonDocument>(
  'quotes.send',
  `with next as (${nextNumberSql({ kind: 'quote', tenantId: '$1', organizationId: '$2', year: '$3' })}),
  q as (
    update erp_quotes set number = ${numberTextSql('next', '$4')}, status = 'sent', version = version + 1,
      updated_at = $6::timestamptz
    from next where id = $5::uuid returning erp_quotes.*
  ), event as (${outboxRowSql({
    firstParameter: 7,
    from: 'q',
    payload: `jsonb_build_object('quote_id', id, 'number', number,
      'total', jsonb_build_object('amount', total::text, 'currency', currency))`,
  })})
  select ${quoteJson} as body, q.version from q`,
  { parse: { version: 'int' } },
);

/** Number, state and event in one statement; the transaction's last. */
export async function sendQuote(
  tx: Tx,
  ctx: TenantCtx,
  quote: { readonly id: string; readonly prefix: string; readonly year: number },
): Promise<JsonDocument | undefined> {
  const event = outboxRowValues(ctx, { type: 'erp.quote.sent', aggregateId: quote.id });
  const owner = [ctx.tenant.id, ctx.organizationId];
  const [row] = await tx.query(send, [...owner, quote.year, quote.prefix, quote.id, ctx.now(), ...event.values]);
  return row;
}

const accept = statement<JsonDocument>(
  'quotes.accept',
  `with q as (
    update erp_quotes set status = 'accepted', accepted_at = $2::timestamptz, accepted_by = $3::uuid,
      version = version + 1, updated_at = $2::timestamptz
    where id = $1::uuid returning *
  ), event as (${outboxRowSql({
    firstParameter: 4,
    from: 'q',
    payload: `jsonb_build_object('quote_id', id, 'number', number)`,
  })})
  select ${quoteJson} as body, q.version from q`,
  { parse: { version: 'int' } },
);

export async function acceptQuote(
  tx: Tx,
  ctx: TenantCtx,
  quote: { readonly id: string; readonly by: string },
): Promise<JsonDocument | undefined> {
  const event = outboxRowValues(ctx, { type: 'erp.quote.accepted', aggregateId: quote.id });
  const [row] = await tx.query(accept, [quote.id, ctx.now(), quote.by, ...event.values]);
  return row;
}

const markConverted = statement<never>(
  'quotes.convert',
  `update erp_quotes set status = 'converted', version = version + 1, updated_at = $2::timestamptz where id = $1::uuid`,
);

export function convertQuote(tx: Tx, ctx: TenantCtx, id: string): void {
  tx.defer(markConverted, [id, ctx.now()]);
}
