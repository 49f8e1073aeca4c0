import type { KeyObject } from 'node:crypto';
import type { Tx } from '@platen/chassis/db/types';
import type { TextCipher } from '../keys/index.js';
import { hashRecoveryCode, totpStepOf } from './totp.js';
import * as repo from './totp-repo.js';

/** The authenticator's secrets in the database, and the codes made of them. */
export interface SecondFactor {
  encrypt(tenantId: string, userId: string, secret: string): string;
  decrypt(tenantId: string, userId: string, encrypted: string): string;
  hashRecoveryCode(code: string): string;
  /**
   * Takes a code of the authenticator or a recovery code, once. False: it is neither, or was used. What follows must be
   * in the same transaction.
   */
  useCode(
    tx: Tx,
    tenantId: string,
    user: { readonly id: string; readonly totp_secret: string },
    code: string,
    nowMs: number,
  ): Promise<boolean>;
}

export function createSecondFactor({ cipher, key }: { cipher: TextCipher; key: KeyObject }): SecondFactor {
  const about = (tenantId: string, userId: string) => `totp ${tenantId} ${userId}`;
  const factor: SecondFactor = {
    encrypt: (tenantId, userId, secret) => cipher.encrypt(secret, about(tenantId, userId)),
    decrypt: (tenantId, userId, encrypted) => cipher.decrypt(encrypted, about(tenantId, userId)),
    hashRecoveryCode: (code) => hashRecoveryCode(key, code),
    async useCode(tx, tenantId, { id, totp_secret }, code, nowMs) {
      if (!/^\d{6}$/.test(code)) {
        return repo.updateRecoveryCodeUsed(tx, tenantId, id, factor.hashRecoveryCode(code));
      }
      const step = totpStepOf(factor.decrypt(tenantId, id, totp_secret), code, nowMs);
      return step !== null && repo.updateTotpStep(tx, tenantId, id, step, totp_secret);
    },
  };
  return factor;
}
