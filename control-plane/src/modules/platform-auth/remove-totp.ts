import type { Tx } from '@platen/chassis/db/types';
import { replaceRecoveryCodes, updateTotpSecret } from './totp-repo.js';

/** The authenticator and its recovery codes: afterwards the password is enough. */
export function removeAdminTotp(tx: Tx, adminId: string): void {
  updateTotpSecret(tx, adminId, null);
  replaceRecoveryCodes(tx, adminId, []);
}
