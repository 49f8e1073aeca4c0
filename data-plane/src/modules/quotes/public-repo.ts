import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { QuoteStatus } from '@platen/schema/states/quote';
import { publicQuoteJson } from './public-json.js';
import { statusSql } from './status.js';

/** A quote as its link finds it, and as its customer may see it. */
export interface PublicRow {
  readonly id: string;
  readonly status: QuoteStatus;
  readonly valid_until: string;
  readonly workspace_id: string | null;
  readonly accept_token_hash: string;
  readonly document_hash: string;
  readonly body: string;
}

const byHash = `select q.id, q.status, q.valid_until::text, q.workspace_id, q.accept_token_hash, q.document_hash,
    ${publicQuoteJson(statusSql('q', '$2::date'))} as body
  from erp_quotes q where q.accept_token_hash = $1::text and q.document is not null`;
const selectPublic = statement<PublicRow>('public_quotes.get', byHash);
const lockPublic = statement<PublicRow>('public_quotes.lock', `${byHash} for update`);

/** In the scope of the organization that the token names. */
export async function findPublicQuote(db: Queryable, secretHash: string, today: string) {
  const [row] = await db.query(selectPublic, [secretHash, today]);
  return row;
}

export async function lockPublicQuote(tx: Tx, secretHash: string, today: string) {
  const [row] = await tx.query(lockPublic, [secretHash, today]);
  return row;
}
