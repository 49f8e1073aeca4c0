import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';

const setSecret = statement<never>(
  'platform_auth_set_totp_secret',
  `update platform_admins set totp_secret = $2, totp_confirmed_at = null, totp_last_step = null, updated_at = now()
   where id = $1`,
);

/** Not asked for until it is confirmed; null: none. */
export function updateTotpSecret(tx: Tx, adminId: string, encrypted: string | null): void {
  tx.defer(setSecret, [adminId, encrypted]);
}

const confirm = statement<never>(
  'platform_auth_confirm_totp',
  'update platform_admins set totp_confirmed_at = now(), totp_last_step = $2, updated_at = now() where id = $1',
);

export function updateTotpConfirmed(tx: Tx, adminId: string, step: number): void {
  tx.defer(confirm, [adminId, step]);
}

const useStep = statement<{ id: string }>(
  'platform_auth_use_totp_step',
  `update platform_admins set totp_last_step = $2, updated_at = now()
   where id = $1 and totp_secret = $3 and coalesce(totp_last_step, 0) < $2::bigint returning id`,
);

/** Was the step still unused, and the secret the one that was read? */
export async function updateTotpStep(tx: Tx, adminId: string, step: number, encrypted: string): Promise<boolean> {
  return (await tx.query(useStep, [adminId, step, encrypted])).length === 1;
}

const useCode = statement<{ id: string }>(
  'platform_auth_use_recovery_code',
  `update platform_admin_recovery_codes set used_at = clock_timestamp(), updated_at = clock_timestamp()
   where admin_id = $1 and code_hash = $2 and used_at is null returning id`,
);

export async function updateRecoveryCodeUsed(tx: Tx, adminId: string, hash: string): Promise<boolean> {
  return (await tx.query(useCode, [adminId, hash])).length === 1;
}

const deleteAll = statement<never>(
  'platform_auth_delete_recovery_codes',
  'delete from platform_admin_recovery_codes where admin_id = $1',
);
const insertAll = statement<never>(
  'platform_auth_insert_recovery_codes',
  `insert into platform_admin_recovery_codes (admin_id, id, code_hash)
   select $1, id, hash from unnest($2::uuid[], $3::text[]) c (id, hash)`,
);

export interface NewRecoveryCode {
  readonly id: string;
  readonly hash: string;
}

/** In place of all before; of none where there are none. */
export function replaceRecoveryCodes(tx: Tx, adminId: string, codes: readonly NewRecoveryCode[]): void {
  tx.defer(deleteAll, [adminId]);
  if (codes.length > 0) tx.defer(insertAll, [adminId, codes.map(({ id }) => id), codes.map(({ hash }) => hash)]);
}
