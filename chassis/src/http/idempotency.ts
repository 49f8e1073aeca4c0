import { createHash } from 'node:crypto';
import { statement } from '../db/statement.js';
import type { ScopedDb, Tx } from '../db/types.js';
import { AppError } from './app-error.js';
import { RawJson } from './types.js';

/** One caller's key on one endpoint of one tenant. */
export interface IdempotencyKey {
  readonly tenantId: string;
  readonly principalId: string;
  /** The contract's name. */
  readonly route: string;
  readonly key: string;
  readonly requestHash: string;
  /** Of the answer that is being stored, and how it is written. */
  readonly status: number;
  readonly serialize: (result: unknown) => string;
}

/** Public endpoints have no caller to tell apart; their keys share this one. */
export const publicPrincipalId = '00000000-0000-0000-0000-000000000000';

export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

/** @throws AppError invalid_idempotency_key */
export function parseIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header !== 'string' || !idempotencyKeyPattern.test(header)) {
    throw new AppError('invalid_idempotency_key', 'Send 1 to 255 printable ASCII characters without spaces');
  }
  return header;
}

/** `context`: organization and workspace, where the endpoint works in one. */
export const hashRequest = (
  context: readonly (string | null)[],
  params: unknown,
  query: unknown,
  body: unknown,
): string =>
  createHash('sha256')
    .update(JSON.stringify([...context, params ?? null, query ?? null, body ?? null]))
    .digest('base64url');

/** Leaves a transaction that finds its answer already stored; the server sends that answer. */
export class Replay extends Error {
  override readonly name = 'Replay';
  readonly status: number;
  /** JSON text; null with 204. */
  readonly response: string | null;
  constructor(status: number, response: string | null) {
    super('answered before');
    this.status = status;
    this.response = response;
  }
}

/** Held to the end of the transaction; another one with the same key is told at once instead of waiting behind it. */
const lock = statement<{ locked: boolean }>(
  'idempotency.lock',
  `select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked`,
  { parse: { locked: 'bool' } },
);

/**
 * A statement of its own after the lock: under READ COMMITTED it then sees what the lock's previous holder committed,
 * which one statement doing both would not.
 */
const find = statement<{ request_hash: string; status: number; response: string | null }>(
  'idempotency.find',
  `select request_hash, status, response from idempotency_keys
    where tenant_id = $1 and principal_id = $2 and route = $3 and key = $4 and expires_at > now()`,
  { parse: { status: 'int' } },
);

const store = statement<never>(
  'idempotency.store',
  `insert into idempotency_keys (tenant_id, principal_id, route, key, request_hash, status, response, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, now() + interval '24 hours')
    on conflict (tenant_id, principal_id, route, key) do update
    set request_hash = excluded.request_hash, status = excluded.status, response = excluded.response,
      created_at = now(), expires_at = excluded.expires_at
    where idempotency_keys.expires_at <= now()`,
);

/**
 * Runs `work` in one transaction, once for a key. BEGIN, lock and look-up share the first round trip; the answer is
 * stored in the one that commits. What fails leaves no key behind.
 * @throws Replay, AppError idempotency_in_flight, idempotency_key_reused
 */
export function writeOnce<R>(db: ScopedDb, key: IdempotencyKey, work: (tx: Tx) => Promise<R>): Promise<R> {
  const owner = [key.tenantId, key.principalId, key.route, key.key];
  return db.transaction(async (tx) => {
    const [locks, [found]] = await Promise.all([tx.query(lock, [owner.join(' ')]), tx.query(find, owner)]);
    if (locks[0]?.locked !== true) throw new AppError('idempotency_in_flight', undefined, { retryAfterSeconds: 1 });
    if (found !== undefined) {
      if (found.request_hash !== key.requestHash) throw new AppError('idempotency_key_reused');
      throw new Replay(found.status, found.response);
    }
    const result = await work(tx);
    tx.defer(store, [...owner, key.requestHash, key.status, answerText(result, key)]);
    return result;
  });
}

const answerText = (result: unknown, key: IdempotencyKey): string | null => {
  if (key.status === 204) return null;
  return result instanceof RawJson ? result.text : key.serialize(result);
};
