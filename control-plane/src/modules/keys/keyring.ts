import type { AccessClaims, PlatformClaims, ServiceClaims } from '@platen/chassis/auth/claims';
import { createTokenSigner, importSigningKey } from '@platen/chassis/auth/signer';
import type { KeySource, PublicJwk } from '@platen/chassis/auth/verifier';
import { ConfigError } from '@platen/chassis/config/load-config';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { TextCipher } from './private-key-cipher.js';
import { listUsableKeys, type UsableKeyRow } from './repo.js';

type Claims = AccessClaims | PlatformClaims | ServiceClaims;

/** The keys of the moment, in memory: what signs, and what verifies. */
export interface Keyring extends KeySource {
  /** @throws AppError not_ready when there is no active key. */
  sign(claims: Claims): string;
  canSign(): boolean;
  /** Of the keys that verify here, and would sign here if they were the active one. */
  heldKeyIds(): readonly string[];
  /** Resolves when a look that began after the call has been taken over. One look at a time. */
  load(): Promise<void>;
}

/** A token with a made-up key id must not become a query each. */
const refetchEveryMs = 5_000;

export function createKeyring(deps: {
  readonly db: Queryable;
  readonly cipher: TextCipher;
  readonly clock?: () => number;
  /** After a look that found other keys than before. */
  readonly onChange?: () => void;
}): Keyring {
  const { db, cipher, clock = Date.now, onChange } = deps;
  let publicKeys: readonly PublicJwk[] = [];
  let heldKeyIds: readonly string[] = [];
  let signer: { readonly kid: string; readonly sign: (claims: Claims) => string } | undefined;
  let known = '';
  let refetchedAtMs = Number.NEGATIVE_INFINITY;

  async function read(): Promise<void> {
    const rows = await listUsableKeys(db);
    const active = rows.find((row) => row.status === 'active');
    if (active === undefined) signer = undefined;
    else if (active.kid !== signer?.kid) {
      const pem = openPrivateKey(cipher, active);
      signer = { kid: active.kid, sign: createTokenSigner(importSigningKey(active.kid, pem)) };
    }
    const found = JSON.stringify(rows.map((row) => [row.status, row.public_jwk]));
    if (found === known) return;
    known = found;
    // The same keys stay the same list: another one makes verifiers forget what they have verified.
    const jwks = rows.map((row) => row.public_jwk);
    if (JSON.stringify(jwks) !== JSON.stringify(publicKeys)) publicKeys = jwks;
    heldKeyIds = rows.filter((row) => row.status !== 'next' || canOpen(cipher, row)).map((row) => row.kid);
    onChange?.();
  }
  const load = oneAtATime(read);

  return {
    load,
    current: () => publicKeys,
    heldKeyIds: () => heldKeyIds,
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

/**
 * Two looks side by side could end in the other order, and the older would win: a revoked key would be back. Calls during
 * a look share the one after it.
 */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = () => {
    next = undefined;
    const look = work();
    running = look.catch(() => undefined);
    return look;
  };
  return () => {
    next ??= running.then(begin);
    return next;
  };
}

/** @throws ConfigError: waiting makes the key no other one. */
function openPrivateKey(cipher: TextCipher, key: UsableKeyRow): string {
  try {
    return cipher.decrypt(key.private_key_encrypted, key.kid);
  } catch (error) {
    const problem = `KEY_ENCRYPTION_KEY: not the one that encrypted the signing key ${key.kid} of this database`;
    throw new ConfigError([problem], { cause: error });
  }
}

/** An instance with another KEY_ENCRYPTION_KEY must not report that it could sign with the next key. */
function canOpen(cipher: TextCipher, key: UsableKeyRow): boolean {
  try {
    openPrivateKey(cipher, key);
    return true;
  } catch {
    return false;
  }
}
