import type { AccessClaims, PlatformClaims, ServiceClaims } from '@platen/chassis/auth/claims';
import { createTokenSigner, importSigningKey } from '@platen/chassis/auth/signer';
import type { KeySource, PublicJwk } from '@platen/chassis/auth/verifier';
import { ConfigError } from '@platen/chassis/config/load-config';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { TextCipher } from './private-key-cipher.js';
import { type KeyRow, listKeys } from './repo.js';

/** The keys of the moment, in memory: what signs, and what verifies. */
export interface Keyring extends KeySource {
  /** @throws AppError not_ready when there is no active key. */
  sign(claims: AccessClaims | PlatformClaims | ServiceClaims): string;
  canSign(): boolean;
  load(): Promise<void>;
}

/** @throws ConfigError: waiting makes the key no other one. */
function openPrivateKey(cipher: TextCipher, key: KeyRow): string {
  try {
    return cipher.decrypt(key.private_key_encrypted, key.kid);
  } catch (error) {
    throw new ConfigError(
      [`KEY_ENCRYPTION_KEY: not the one that encrypted the signing key ${key.kid} of this database`],
      {
        cause: error,
      },
    );
  }
}

/** A token with a made-up key id must not become a query each. */
const refetchEveryMs = 5_000;

export function createKeyring(deps: {
  readonly db: Queryable;
  readonly cipher: TextCipher;
  readonly clock?: () => number;
}): Keyring {
  const clock = deps.clock ?? Date.now;
  let publicKeys: readonly PublicJwk[] = [];
  let signer:
    | { readonly kid: string; readonly sign: (claims: AccessClaims | PlatformClaims | ServiceClaims) => string }
    | undefined;
  let refetchedAtMs = Number.NEGATIVE_INFINITY;

  async function load(): Promise<void> {
    const rows = await listKeys(deps.db);
    publicKeys = rows.map((row) => row.public_jwk);
    const active = rows.find((row) => row.status === 'active');
    if (active === undefined) signer = undefined;
    else if (active.kid !== signer?.kid) {
      const pem = openPrivateKey(deps.cipher, active);
      signer = { kid: active.kid, sign: createTokenSigner(importSigningKey(active.kid, pem)) };
    }
  }

  return {
    load,
    current: () => publicKeys,
    canSign: () => signer !== undefined,
    sign(claims) {
      if (signer === undefined) throw new AppError('not_ready', 'There is no signing key yet');
      return signer.sign(claims);
    },
    async refetch() {
      if (clock() - refetchedAtMs < refetchEveryMs) return;
      refetchedAtMs = clock();
      await load();
    },
  };
}
