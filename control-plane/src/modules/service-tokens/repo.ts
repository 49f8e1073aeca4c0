import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';

export interface ServiceAccount {
  readonly code: string;
  /** SHA-256, hexadecimal. */
  readonly secret_hash: string;
  readonly scopes: readonly string[];
}

const find = statement<ServiceAccount>(
  'service_tokens_find_account',
  `select code, secret_hash, to_json(scopes) as scopes from platform_service_accounts where code = $1 and status = 'active'`,
  { parse: { scopes: 'json' } },
);

/** A disabled one is none. */
export async function findServiceAccount(db: Queryable, code: string): Promise<ServiceAccount | undefined> {
  const [account] = await db.query(find, [code]);
  return account;
}
