import type { Tx } from '@platen/chassis/db/types';
import { type EndReason, updateSessionsEnded } from './account-repo.js';
import { deleteRecoveryCodes, updateTotpSecret } from './totp-repo.js';

/** Ends every session of somebody. Answers those that `announceEnded` must tell the data planes of. */
export const endSessionsOf = (tx: Tx, tenantId: string, userId: string, reason: EndReason): Promise<string[]> =>
  updateSessionsEnded(tx, tenantId, userId, null, reason);

/** The authenticator and its recovery codes: afterwards the password is enough. */
export function removeSecondFactor(tx: Tx, tenantId: string, userId: string): void {
  updateTotpSecret(tx, tenantId, userId, null);
  deleteRecoveryCodes(tx, tenantId, userId);
}
