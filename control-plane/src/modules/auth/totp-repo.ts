import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';

const setSecret = statement<never>(
  'auth_set_totp_secret',
  `update res_users set totp_secret = $3, totp_confirmed_at = null, totp_last_step = null, updated_at = now()
   where tenant_id = $1 and id = $2`,
);

/** Not asked for until it is confirmed; null: none. */
export function updateTotpSecret(tx: Tx, tenantId: string, userId: string, encrypted: string | null): void {
  tx.defer(setSecret, [tenantId, userId, encrypted]);
}

const confirm = statement<never>(
  'auth_confirm_totp',
  `update res_users set totp_confirmed_at = now(), totp_last_step = $3, updated_at = now()
   where tenant_id = $1 and id = $2`,
);

export function updateTotpConfirmed(tx: Tx, tenantId: string, userId: string, step: number): void {
  tx.defer(confirm, [tenantId, userId, step]);
}

const useStep = statement<{ id: string }>(
  'auth_use_totp_step',
  `update res_users set totp_last_step = $3, updated_at = now()
   where tenant_id = $1 and id = $2 and totp_secret = $4 and coalesce(totp_last_step, 0) < $3::bigint
   returning id`,
);

/** Was the step still unused, and the secret the one that was read? Of two at once the second finds it used. */
export async function updateTotpStep(tx: Tx, tenantId: string, userId: string, step: number, encrypted: string) {
  return (await tx.query(useStep, [tenantId, userId, step, encrypted])).length === 1;
}

const useCode = statement<{ id: string }>(
  'auth_use_recovery_code',
  `update res_user_recovery_codes set used_at = clock_timestamp(), updated_at = clock_timestamp()
   where tenant_id = $1 and user_id = $2 and code_hash = $3 and used_at is null
   returning id`,
);

export async function updateRecoveryCodeUsed(tx: Tx, tenantId: string, userId: string, hash: string) {
  return (await tx.query(useCode, [tenantId, userId, hash])).length === 1;
}

const deleteAll = statement<never>(
  'auth_delete_recovery_codes',
  'delete from res_user_recovery_codes where tenant_id = $1 and user_id = $2',
);
const insertAll = statement<never>(
  'auth_insert_recovery_codes',
  `insert into res_user_recovery_codes (tenant_id, id, user_id, code_hash)
   select $1, id, $2, hash from unnest($3::uuid[], $4::text[]) c (id, hash)`,
);

export function deleteRecoveryCodes(tx: Tx, tenantId: string, userId: string): void {
  tx.defer(deleteAll, [tenantId, userId]);
}

export function insertRecoveryCodes(
  tx: Tx,
  tenantId: string,
  userId: string,
  codes: readonly { readonly id: string; readonly hash: string }[],
): void {
  tx.defer(insertAll, [tenantId, userId, codes.map(({ id }) => id), codes.map(({ hash }) => hash)]);
}
