import { createPublicKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { AppError } from '../http/app-error.js';
import { createJwt } from './jwt.js';

/** RFC 7517, the members an RS256 public key has here. */
export interface PublicJwk {
  readonly kty: 'RSA';
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'RS256';
  readonly n: string;
  readonly e: string;
}

/** The keys of the moment. A new array means new keys: everything verified with older ones is forgotten. */
export interface KeySource {
  current(): readonly PublicJwk[];
  /** Called for a kid that is not held; resolves when another look is worthwhile. The source limits its rate. */
  refetch?(): Promise<void>;
}

export interface VerifierOptions<V> {
  readonly keys: KeySource;
  readonly issuer: string;
  readonly audience: string;
  /** Do the claims have their required shape? */
  readonly isComplete: (claims: Readonly<Record<string, unknown>>) => boolean;
  /** Makes what `verify` answers, once per verified token. */
  readonly accept: (claims: Readonly<Record<string, unknown>>) => V;
  readonly clockSkewMs?: number;
  /** Verified tokens kept at most. */
  readonly cacheSize?: number;
}

export interface Verifier<V> {
  /**
   * Checks signature, type, issuer, audience and time. Synchronous unless an unknown key makes it ask for new ones.
   * Nothing about sessions, epochs or tenants is decided here: that is asked again on every request.
   * @throws AppError token_invalid, token_expired (as a rejection where a promise is answered)
   */
  verify(token: string, nowMs: number): V | Promise<V>;
}

interface Verified<V> {
  readonly token: string;
  readonly value: V;
  readonly expiresAtMs: number;
  readonly notBeforeMs: number;
}

/**
 * The place of a token in the cache: the end of its signature, which is quicker to hash than the whole. It is a place
 * only; the whole text is compared.
 */
const cacheKey = (token: string): string => token.slice(-48);

/** No token of ours is longer; a longer one is not worth hashing. */
const maxTokenLength = 8192;
const maxKeyIdLength = 128;
const tokenType = 'at+jwt';
/** The longest-lived ones are of services, an hour. */
const maxLifetimeSeconds = 24 * 3_600;

const refusal = (cause?: unknown) => new AppError('token_invalid', undefined, cause === undefined ? {} : { cause });

/**
 * A verifier pinned to RS256 and `at+jwt` (RFC 9068), with a bounded cache of *signature checks* by the token's text.
 * The text is no identity: one token has several spellings, which at worst fill several places.
 */
export function createVerifier<V>(options: VerifierOptions<V>): Verifier<V> {
  const skewMs = options.clockSkewMs ?? 30_000;
  const cache = new LRUCache<string, Verified<V>>({ max: options.cacheSize ?? 10_000 });
  let heldKeys: readonly PublicJwk[] | undefined;
  let signatureChecks = new Map<string, SignatureCheck>();

  function checks(): typeof signatureChecks {
    const current = options.keys.current();
    if (current !== heldKeys) {
      heldKeys = current;
      cache.clear();
      signatureChecks = usableChecks(current, options);
    }
    return signatureChecks;
  }

  function inTime(entry: Verified<V>, nowMs: number): V {
    if (nowMs >= entry.expiresAtMs + skewMs) throw new AppError('token_expired');
    if (nowMs < entry.notBeforeMs - skewMs) throw refusal();
    return entry.value;
  }

  function verifySignature(token: string, check: SignatureCheck, nowMs: number): V {
    let claims: Readonly<Record<string, unknown>>;
    try {
      claims = check(token);
    } catch (error) {
      throw refusal(error);
    }
    if (!options.isComplete(claims) || typeof claims['aud'] !== 'string') throw refusal();
    const [iat, exp, nbf] = [Number(claims['iat']), Number(claims['exp']), Number(claims['nbf'] ?? 0)];
    if (exp - iat > maxLifetimeSeconds) throw refusal();
    // A token that is yet to be issued was made by somebody whose clock or key is not the issuer's.
    const notBeforeMs = Math.max(nbf, iat) * 1000;
    const entry = { token, value: options.accept(claims), expiresAtMs: exp * 1000, notBeforeMs };
    const value = inTime(entry, nowMs);
    cache.set(cacheKey(token), entry);
    return value;
  }

  async function refetchAndVerify(token: string, kid: string, nowMs: number, refetch: () => Promise<void>): Promise<V> {
    await refetch();
    const check = checks().get(kid);
    if (check === undefined) throw refusal();
    return verifySignature(token, check, nowMs);
  }

  return {
    verify(token, nowMs) {
      const known = checks();
      const entry = cache.get(cacheKey(token));
      if (entry !== undefined && entry.token === token) return inTime(entry, nowMs);
      if (token.length > maxTokenLength) throw refusal();
      const kid = readKeyId(token);
      const check = known.get(kid);
      if (check !== undefined) return verifySignature(token, check, nowMs);
      const { keys } = options;
      if (keys.refetch === undefined) throw refusal();
      return refetchAndVerify(token, kid, nowMs, () => keys.refetch?.() ?? Promise.resolve());
    },
  };
}

type SignatureCheck = (token: string) => Readonly<Record<string, unknown>>;

const minModulusBits = 2048;

/** One unusable key verifies nothing; it does not take the others with it. */
function usableChecks(
  keys: readonly PublicJwk[],
  options: { readonly issuer: string; readonly audience: string },
): Map<string, SignatureCheck> {
  const checks = new Map<string, SignatureCheck>();
  for (const { kty, kid, n, e } of keys) {
    if (kty !== 'RSA' || !kid || !n || !e) continue;
    const key = readKey({ kty, n, e });
    if (key === null || (key.asymmetricKeyDetails?.modulusLength ?? 0) < minModulusBits) continue;
    checks.set(kid, signatureCheck(key, options));
  }
  return checks;
}

function readKey(jwk: { readonly kty: string; readonly n: string; readonly e: string }): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}

/** Times are checked by `inTime`, on cached tokens too, so the library's own checks of them are off. */
function signatureCheck(
  key: KeyObject,
  options: { readonly issuer: string; readonly audience: string },
): SignatureCheck {
  const jwt = createJwt({
    secret: { public: key.export({ type: 'spki', format: 'pem' }).toString() },
    verify: {
      algorithms: ['RS256'],
      checkTyp: tokenType,
      allowedIss: options.issuer,
      allowedAud: options.audience,
      requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp', 'jti'],
      ignoreExpiration: true,
      ignoreNotBefore: true,
      cache: false,
    },
  });
  return (token) => jwt.verify<Readonly<Record<string, unknown>>>(token);
}

/**
 * The header is read before anything is verified, only to find the key. What our signer writes is known to the byte, so
 * nothing else is taken: no further header members (they bring keys along, or change how the rest is read), no second
 * spelling of a part, no member that is there twice.
 */
function readKeyId(token: string): string {
  const parts = token.split('.');
  const [head = '', body = '', signature = ''] = parts;
  if (parts.length !== 3 || signature === '') throw refusal();
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) throw refusal();
  readPart(body);
  const members = readPart(head);
  const { alg, typ, kid } = members;
  if (Object.keys(members).length !== 3 || alg !== 'RS256' || typ !== tokenType) throw refusal();
  if (typeof kid !== 'string' || kid === '' || kid.length > maxKeyIdLength) throw refusal();
  return kid;
}

/** @throws AppError token_invalid unless it is an object exactly as `JSON.stringify` and base64url write it */
function readPart(part: string): { readonly alg?: unknown; readonly typ?: unknown; readonly kid?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch (error) {
    throw refusal(error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal();
  if (Buffer.from(JSON.stringify(value)).toString('base64url') !== part) throw refusal();
  return value;
}
