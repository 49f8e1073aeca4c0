import { createHmac, createPublicKey, createSign } from 'node:crypto';
import type { AccessClaims, PlatformClaims, ServiceClaims } from '../auth/claims.js';
import type { SigningKey } from '../auth/signer.js';
import { makeSigningKey } from './tokens.js';

type Members = Readonly<Record<string, unknown>>;
type Claims = Members | AccessClaims | PlatformClaims | ServiceClaims;

/** Makes tokens that no issuer would: with the right key and wrong claims, with wrong keys, with none. */
export interface Forger {
  /** Signed as the issuer signs; claims and header members given as undefined are left out. */
  sign(claims: Claims, header?: Members): string;
  /** Unsigned (RFC 7519 section 6). */
  unsigned(claims: Claims): string;
  /** HMAC keyed with what everybody can read: the public key. */
  hmacWithPublicKey(claims: Claims): string;
  /** By a key of the forger's own. */
  signWithOwnKey(claims: Claims, kid: string): string;
  /** A signature of other claims. */
  tamper(token: string, claims: Members): string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function createForger(key: SigningKey): Forger {
  const own = makeSigningKey();
  const header = { alg: 'RS256', typ: 'at+jwt', kid: key.kid };
  const [ours, theirs] = [signerOf(key), signerOf(own)];
  return {
    sign: (claims, members = {}) => ours({ ...header, ...members }, claims),
    unsigned: (claims) => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
    hmacWithPublicKey: (claims) => {
      const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString();
      const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
      return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
    },
    signWithOwnKey: (claims, kid) => theirs({ ...header, kid }, claims),
    tamper: (token, claims) => {
      const [head, payload = '', signature] = token.split('.');
      const known = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as object;
      return `${head}.${encode({ ...known, ...claims })}.${signature}`;
    },
  };
}

/** An RS256 signature depends on nothing but key and text, and takes a millisecond: made once for each text. */
function signerOf({ privateKey }: SigningKey): (header: object, claims: object) => string {
  const signatures = new Map<string, string>();
  return (header, claims) => {
    const text = `${encode(header)}.${encode(claims)}`;
    const signature =
      signatures.get(text) ?? createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url');
    signatures.set(text, signature);
    return `${text}.${signature}`;
  };
}
