import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { moneyJson } from '../documents/index.js';
import type { WorkCtx } from '../module.js';
import { lineWriter } from '../priced-lines/index.js';
import { type PricedBasket, totalMembers } from '../pricing/index.js';
import { noOutcomeMembers } from './json.js';

const quoteLines = lineWriter('quote');

/** A quote's values beside its prices. */
export interface QuoteHead {
  readonly id: string;
  /** Of the quote whose place it takes; null: it gets one when it is sent. */
  readonly number: string | null;
  readonly revision: number;
  readonly supersedesId: string | null;
  readonly customerId: string;
  readonly workspaceId: string | null;
  readonly storeId: string | null;
  readonly depositDue: string | null;
  readonly validUntil: string;
  readonly dueOn: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const insertHead = statement<never>(
  'quotes.insert',
  `insert into erp_quotes (tenant_id, organization_id, workspace_id, id, customer_id, currency, subtotal, discount, tax,
    total, deposit_due, valid_until, rule_set_version_id, created_at, updated_at, store_id, due_on, revision, supersedes_id,
    number)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16, $17, $18, $19)`,
);
const updateHead = statement<never>(
  'quotes.update',
  `update erp_quotes set customer_id = $2, currency = $3, subtotal = $4, discount = $5, tax = $6, total = $7,
    deposit_due = $8, valid_until = $9, rule_set_version_id = $10, version = version + 1, updated_at = $11, due_on = $12
  where id = $1`,
);

/** Inserts that travel with the COMMIT: three statements however many lines. Answers the quote's JSON. */
export function insertQuote(tx: Tx, ctx: WorkCtx, head: QuoteHead, priced: PricedBasket): string {
  const { subtotal, discount, tax, total, currency, ruleSetVersionId } = priced;
  tx.defer(insertHead, [
    ctx.tenant.id,
    ctx.organizationId,
    head.workspaceId,
    head.id,
    head.customerId,
    currency,
    subtotal,
    discount,
    tax,
    total,
    head.depositDue,
    head.validUntil,
    ruleSetVersionId,
    head.createdAt,
    head.storeId,
    head.dueOn,
    head.revision,
    head.supersedesId,
    head.number,
  ]);
  return draftJson(ctx, head, priced, quoteLines.insert(tx, ctx, head, priced));
}

/** The same for a quote that is there: its lines are replaced. */
export function replaceQuote(tx: Tx, ctx: WorkCtx, head: QuoteHead, priced: PricedBasket): string {
  const { subtotal, discount, tax, total, currency, ruleSetVersionId } = priced;
  quoteLines.delete(tx, head.id);
  tx.defer(updateHead, [
    head.id,
    head.customerId,
    currency,
    subtotal,
    discount,
    tax,
    total,
    head.depositDue,
    head.validUntil,
    ruleSetVersionId,
    head.updatedAt,
    head.dueOn,
  ]);
  return draftJson(ctx, head, priced, quoteLines.insert(tx, ctx, head, priced));
}

/** The answer as `erp.quotes.get` would give it, without reading it back. */
function draftJson(ctx: WorkCtx, head: QuoteHead, priced: PricedBasket, lines: string): string {
  const { currency } = priced;
  const workspace = head.workspaceId === null ? 'null' : `"${head.workspaceId}"`;
  const store = head.storeId === null ? 'null' : `"${head.storeId}"`;
  const deposit = head.depositDue === null ? 'null' : moneyJson(head.depositDue, currency);
  return (
    `{"id":"${head.id}","number":${JSON.stringify(head.number)},"status":"draft","revision":${head.revision}` +
    `,"supersedes_id":${JSON.stringify(head.supersedesId)}` +
    `,"customer_id":"${head.customerId}","organization_id":"${ctx.organizationId}","workspace_id":${workspace}` +
    `,"store_id":${store},"currency":"${currency}",${totalMembers(priced)},"deposit_due":${deposit}` +
    `,"valid_until":"${head.validUntil}","due_on":${JSON.stringify(head.dueOn)},"rule_set_version_id":"${priced.ruleSetVersionId}"` +
    `,"version":${head.version},"created_at":"${head.createdAt.toISOString()}"` +
    `,"updated_at":"${head.updatedAt.toISOString()}",${noOutcomeMembers},${lines}}`
  );
}
