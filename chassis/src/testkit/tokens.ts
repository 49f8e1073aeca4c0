import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type PermissionCode, permissions } from '@platen/schema/permissions';
import { v7 as uuidv7 } from 'uuid';
import { type AccessClaims, audiences, type ServiceClaims } from '../auth/claims.js';
import { encodePermissionBits } from '../auth/permission-bits.js';
import { createTokenSigner, publicJwk, type SigningKey } from '../auth/signer.js';
import type { KeySource, PublicJwk } from '../auth/verifier.js';

export const testIssuer = 'https://issuer.test';

export const permissionMap = (codes: readonly PermissionCode[]): string =>
  encodePermissionBits(codes.map((code) => permissions[code].bit));

/** PEMs that the test runner made for all of its files, each for one use in a file: a key takes a fifth of a second. */
const made: readonly string[] = JSON.parse(process.env['TEST_RSA_KEYS'] ?? '[]');
let file: string | undefined;
let ready: string[] = [];

/** Never twice the same one in a test file. */
export function makeRsaKey(): KeyObject {
  // Several files can share a process.
  const running = process.env['TEST_FILE'] ?? '';
  if (running !== file) ready = [...made];
  file = running;
  const pem = ready.shift();
  return pem === undefined ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : createPrivateKey(pem);
}

export const makeSigningKey = (kid: string = uuidv7()): SigningKey => ({ kid, privateKey: makeRsaKey() });

export interface AccessTokenParts extends Partial<Omit<AccessClaims, 'prm'>> {
  readonly permissions?: readonly PermissionCode[];
}

/** An issuer of tokens for tests: the control plane's part, with a key of its own. */
export interface TestIssuer {
  readonly key: SigningKey;
  readonly jwk: PublicJwk;
  readonly keys: KeySource;
  /** By default: a user with no context and no permission, for fifteen minutes from now. */
  accessToken(parts?: AccessTokenParts): string;
  serviceToken(scopes: readonly string[], claims?: Partial<ServiceClaims>): string;
  accessClaims(parts?: AccessTokenParts): AccessClaims;
}

export function createTestIssuer(key: SigningKey = makeSigningKey()): TestIssuer {
  const sign = createTokenSigner(key);
  const jwk = publicJwk(key);
  const held = [jwk];
  const accessClaims = ({ permissions: codes = [], ...claims }: AccessTokenParts = {}): AccessClaims => ({
    ...registered(900),
    aud: audiences.tenant,
    sub: uuidv7(),
    tid: uuidv7(),
    tsl: 'acme',
    org: null,
    ws: null,
    sid: uuidv7(),
    epo: [0, 0],
    prm: permissionMap(codes),
    ...claims,
  });
  return {
    key,
    jwk,
    keys: { current: () => held },
    accessClaims,
    accessToken: (parts) => sign(accessClaims(parts)),
    serviceToken: (scopes, claims = {}) =>
      sign({ ...registered(3600), aud: audiences.service, sub: 'test-service', scope: scopes.join(' '), ...claims }),
  };
}

function registered(lifetimeSeconds: number) {
  const iat = Math.floor(Date.now() / 1000);
  return { iss: testIssuer, iat, exp: iat + lifetimeSeconds, jti: uuidv7() };
}
