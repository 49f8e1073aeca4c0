import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import type { UserTokenKind } from '@platen/schema/tables/control/users';

const insert = statement<never>(
  'auth_insert_user_token',
  `insert into res_user_tokens (tenant_id, id, user_id, kind, token_hash, new_email, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

export interface NewUserToken {
  readonly id: string;
  readonly userId: string;
  readonly kind: UserTokenKind;
  readonly hash: string;
  readonly newEmail: string | null;
  readonly expiresAt: Date;
}

export function insertUserToken(tx: Tx, tenantId: string, token: NewUserToken): void {
  const { id, userId, kind, hash, newEmail, expiresAt } = token;
  tx.defer(insert, [tenantId, id, userId, kind, hash, newEmail, expiresAt]);
}

const find = statement<{ user_id: string }>(
  'auth_find_user_token',
  `select user_id from res_user_tokens
   where tenant_id = $1 and token_hash = $2 and kind = $3 and used_at is null and expires_at > clock_timestamp()`,
);

/** Whose link it is, while it is good. */
export async function findTokenOwner(db: Queryable, tenantId: string, kind: UserTokenKind, hash: string) {
  const [row] = await db.query(find, [tenantId, hash, kind]);
  return row?.user_id;
}

const use = statement<{ new_email: string | null }>(
  'auth_use_user_token',
  `update res_user_tokens set used_at = clock_timestamp(), updated_at = clock_timestamp()
   where tenant_id = $1 and token_hash = $2 and kind = $3 and user_id = $4 and used_at is null
     and expires_at > clock_timestamp()
   returning new_email`,
);

/** Undefined: it was used meanwhile. */
export async function updateTokenUsed(tx: Tx, tenantId: string, kind: UserTokenKind, hash: string, userId: string) {
  const [row] = await tx.query(use, [tenantId, hash, kind, userId]);
  return row;
}

const useAll = statement<never>(
  'auth_use_user_tokens',
  `update res_user_tokens set used_at = clock_timestamp(), updated_at = clock_timestamp()
   where tenant_id = $1 and user_id = $2 and used_at is null`,
);

/** The links sent before go with what they were to change. */
export function updateTokensUsed(tx: Tx, tenantId: string, userId: string): void {
  tx.defer(useAll, [tenantId, userId]);
}
