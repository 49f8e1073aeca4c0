import { createHash, timingSafeEqual } from 'node:crypto';
import { audiences } from '@platen/chassis/auth/claims';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import type { Keyring } from '../keys/index.js';
import { findServiceAccount } from './repo.js';

const ttlSeconds = 3600;

/** Secrets of our own processes are random, so a plain hash is enough: there is nothing to guess from a list. */
export const hashServiceSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const nobody = hashServiceSecret('');

export interface ServiceTokens {
  issue(
    ctx: CallCtx,
    input: { readonly clientId: string; readonly secret: string },
  ): Promise<{ token: string; ttlSeconds: number; scope: string }>;
}

export function createServiceTokens(deps: {
  readonly db: Queryable;
  readonly keyring: Keyring;
  readonly issuer: string;
}): ServiceTokens {
  return {
    async issue(ctx, { clientId, secret }) {
      const account = await findServiceAccount(deps.db, clientId);
      const expected = Buffer.from(account?.secret_hash ?? nobody, 'hex');
      const matches = timingSafeEqual(expected, Buffer.from(hashServiceSecret(secret), 'hex'));
      if (account === undefined || !matches) throw new AppError('invalid_client');
      const scope = account.scopes.join(' ');
      const iat = Math.floor(ctx.now().getTime() / 1000);
      const token = deps.keyring.sign({
        iss: deps.issuer,
        aud: audiences.service,
        sub: account.code,
        scope,
        iat,
        exp: iat + ttlSeconds,
        jti: ctx.newId(),
      });
      return { token, ttlSeconds, scope };
    },
  };
}
