import { type EventOrigin, outboxRowSql, outboxRowValues } from '@platen/chassis/bus/outbox';
import { statement } from '@platen/chassis/db/statement';
import type { Statement, Tx } from '@platen/chassis/db/types';
import { nextNumberSql, numberTextSql } from '../numbers/index.js';
import { quoteJson } from './json.js';
import { publicQuoteJson } from './public-json.js';
import type { JsonDocument } from './repo.js';

/**
 * Number, document, state and event in one statement, the transaction's last: the lock on the sequence lasts about one
 * round trip. `number` is a select of it with parameters from $6 on, `event` the first parameter of the event.
 */
const sendSql = (name: string, ctes: string, number: string, event: number): Statement<JsonDocument> =>
  statement<JsonDocument>(
    name,
    `with ${ctes} shown as (
      select number, concat($2::text, to_json(number)::text, $3::text) as document from (${number}) numbered
    ), q as (
      update erp_quotes set number = shown.number, status = 'sent', sent_at = $4::timestamptz,
        document = shown.document, document_hash = encode(sha256(convert_to(shown.document, 'UTF8')), 'hex'),
        accept_token_hash = $5::text, version = version + 1, updated_at = $4::timestamptz
      from shown where id = $1::uuid returning erp_quotes.*
    ), event as (${outboxRowSql({
      firstParameter: event,
      from: 'q',
      payload: `jsonb_build_object('quote_id', id, 'number', number,
        'total', jsonb_build_object('amount', total::text, 'currency', currency))`,
    })})
    select ${quoteJson()} as body, q.version from q`,
    { parse: { version: 'int' } },
  );

const sendNumbered = sendSql('quotes.send_revision', '', 'select $6::text as number', 7);
const sendFirst = sendSql(
  'quotes.send',
  `next as (${nextNumberSql({ kind: 'quote', tenantId: '$6', organizationId: '$7', year: '$8' })}),`,
  `select ${numberTextSql('next', '$9')} as number from next`,
  10,
);

export interface SentQuote {
  readonly id: string;
  /** RFC 8785 text of what the customer is shown, before and after its number. */
  readonly document: readonly [string, string];
  readonly tokenHash: string;
  readonly at: Date;
}
export interface NumberSource {
  readonly organizationId: string | null;
  readonly year: number;
  readonly prefix: string;
}

/** `number`: a revision's own, or where a new one is drawn. */
export async function sendQuote(
  tx: Tx,
  origin: EventOrigin,
  quote: SentQuote,
  number: string | NumberSource,
): Promise<JsonDocument | undefined> {
  const event = outboxRowValues(origin, { type: 'erp.quote.sent', aggregateId: quote.id });
  const values = [quote.id, ...quote.document, quote.at, quote.tokenHash];
  const [row] =
    typeof number === 'string'
      ? await tx.query(sendNumbered, [...values, number, ...event.values])
      : await tx.query(sendFirst, [
          ...values,
          origin.tenant.id,
          number.organizationId,
          number.year,
          number.prefix,
          ...event.values,
        ]);
  return row;
}

/** Who answers: a user of the shop, or the customer by the link. */
export interface QuoteAnswer {
  readonly id: string;
  readonly at: Date;
  readonly by: string | null;
  readonly name: string | null;
}
const numberPayload = `jsonb_build_object('quote_id', id, 'number', number)`;

const acceptSql = (json: string) =>
  `with q as (
    update erp_quotes set status = 'accepted', accepted_at = $2::timestamptz, accepted_by = $3::uuid, accepted_name = $4::text,
      accepted_ip = $5::text, accepted_hash = document_hash, version = version + 1, updated_at = $2::timestamptz
    where id = $1::uuid returning *
  ), event as (${outboxRowSql({ firstParameter: 6, from: 'q', payload: numberPayload })})
  select ${json} as body, q.version from q`;

const rejectSql = (json: string) =>
  `with q as (
    update erp_quotes set status = 'rejected', rejected_at = $2::timestamptz, rejected_by = $3::uuid, rejected_name = $4::text,
      reject_reason = $5::text, version = version + 1, updated_at = $2::timestamptz
    where id = $1::uuid returning *
  ), event as (${outboxRowSql({ firstParameter: 6, from: 'q', payload: numberPayload })})
  select ${json} as body, q.version from q`;

const parse = { version: 'int' } as const;
/** What the answerer gets to see. */
const answers = {
  user: {
    accept: statement<JsonDocument>('quotes.accept', acceptSql(quoteJson()), { parse }),
    reject: statement<JsonDocument>('quotes.reject', rejectSql(quoteJson()), { parse }),
  },
  customer: {
    accept: statement<JsonDocument>('public_quotes.accept', acceptSql(publicQuoteJson()), { parse }),
    reject: statement<JsonDocument>('public_quotes.reject', rejectSql(publicQuoteJson()), { parse }),
  },
} as const;
export type Audience = keyof typeof answers;

export async function acceptQuote(
  tx: Tx,
  origin: EventOrigin,
  audience: Audience,
  { id, at, by, name, ip }: QuoteAnswer & { readonly ip: string | null },
): Promise<JsonDocument | undefined> {
  const event = outboxRowValues(origin, { type: 'erp.quote.accepted', aggregateId: id });
  const [row] = await tx.query(answers[audience].accept, [id, at, by, name, ip, ...event.values]);
  return row;
}

export async function rejectQuote(
  tx: Tx,
  origin: EventOrigin,
  audience: Audience,
  { id, at, by, name, reason }: QuoteAnswer & { readonly reason: string | null },
): Promise<JsonDocument | undefined> {
  const event = outboxRowValues(origin, { type: 'erp.quote.rejected', aggregateId: id });
  const [row] = await tx.query(answers[audience].reject, [id, at, by, name, reason, ...event.values]);
  return row;
}

const expire = statement<never>(
  'quotes.expire',
  `with q as (
    update erp_quotes set status = 'expired', version = version + 1, updated_at = $2::timestamptz
    where id = $1::uuid returning *
  )
  ${outboxRowSql({ firstParameter: 3, from: 'q', payload: numberPayload })}`,
);

export function expireQuote(tx: Tx, origin: EventOrigin, id: string, at: Date): void {
  tx.defer(expire, [id, at, ...outboxRowValues(origin, { type: 'erp.quote.expired', aggregateId: id }).values]);
}

const markAs = (name: string, status: string) =>
  statement<never>(
    name,
    `update erp_quotes set status = '${status}', version = version + 1, updated_at = $2::timestamptz where id = $1::uuid`,
  );
const markConverted = markAs('quotes.convert', 'converted');
const markSuperseded = markAs('quotes.supersede', 'superseded');

export const convertQuote = (tx: Tx, id: string, at: Date): void => tx.defer(markConverted, [id, at]);
export const supersedeQuote = (tx: Tx, id: string, at: Date): void => tx.defer(markSuperseded, [id, at]);
