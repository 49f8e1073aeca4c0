import type { PublicJwk } from '@platen/chassis/auth/verifier';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';

export interface KeyRow {
  readonly kid: string;
  readonly status: 'next' | 'active' | 'retiring';
  readonly public_jwk: PublicJwk;
  readonly private_key_encrypted: string;
}

const list = statement<KeyRow>(
  'keys_list',
  `select kid, status, public_jwk, private_key_encrypted from platform_signing_keys
   where status not in ('retired', 'revoked') order by activated_at desc nulls last, kid`,
  { parse: { public_jwk: 'json' } },
);

/** All that verify; the active ones first, the newest first of all. */
export const listKeys = (db: Queryable): Promise<KeyRow[]> => db.query(list);

const lockKeys = statement<never>(
  'keys_lock',
  `select pg_advisory_xact_lock(hashtextextended('platform_signing_keys', 0))`,
);
const countActive = statement<{ active: number }>(
  'keys_count_active',
  `select count(*) as active from platform_signing_keys where status = 'active'`,
  { parse: { active: 'int' } },
);

/** Two who bootstrap at once make one key. */
export async function lockAndCountActive(tx: Tx): Promise<number> {
  const [, [row]] = await Promise.all([tx.query(lockKeys), tx.query(countActive)]);
  return row?.active ?? 0;
}

const insert = statement<never>(
  'keys_insert',
  `insert into platform_signing_keys (id, kid, status, public_jwk, private_key_encrypted, activated_at)
   values ($1, $2, 'active', $3, $4, now())`,
);

export function insertActiveKey(
  tx: Tx,
  key: { id: string; kid: string; publicJwk: PublicJwk; encrypted: string },
): void {
  tx.defer(insert, [key.id, key.kid, key.publicJwk, key.encrypted]);
}
