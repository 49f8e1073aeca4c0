import { createHmac, createPublicKey, createSign, type KeyObject } from 'node:crypto';
import t from 'tap';
import { AppError } from '../http/app-error.js';
import { createTestIssuer, makeRsaKey, makeSigningKey, testIssuer } from '../testkit/tokens.js';
import { createAccessVerifier, createServiceVerifier } from './principals.js';
import { publicJwk } from './signer.js';
import type { PublicJwk } from './verifier.js';

const issuer = createTestIssuer();
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const honestHeader = { alg: 'RS256', typ: 'at+jwt', kid: issuer.key.kid };

/** Signs whatever it is told to, as an attacker or a faulty issuer would. */
function forge(
  claims: object,
  header: object = honestHeader,
  key: KeyObject = issuer.key.privateKey,
  hash = 'RSA-SHA256',
) {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createSign(hash).update(input).sign(key).toString('base64url')}`;
}

const verifier = (keys = issuer.keys) => createAccessVerifier({ keys, issuer: testIssuer });
const nowMs = Date.now();

function codeOf(token: string, check = verifier(), atMs = nowMs): string {
  try {
    const result = check.verify(token, atMs);
    return result instanceof Promise ? 'asynchronous' : 'accepted';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

t.test('a token of the issuer is accepted, and answers the same object when it comes again', async (t) => {
  const check = verifier();
  const token = issuer.accessToken({ permissions: ['erp.quote.read'] });
  const first = await check.verify(token, nowMs);
  t.equal(first.has('erp.quote.read'), true);
  t.equal(first.has('erp.quote.write'), false);
  t.equal(check.verify(token, nowMs), first);
});

t.test('attacks on the header are refused', async (t) => {
  const claims = issuer.accessClaims();
  const spki = publicPem(issuer.key.privateKey);
  const hmac = (secret: string) => {
    const input = `${encode({ ...honestHeader, alg: 'HS256' })}.${encode(claims)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  const attacker = makeRsaKey();
  const attackerJwk = publicJwk({ kid: 'own', privateKey: attacker });
  const attacks: Record<string, string> = {
    'alg none without a signature': `${encode({ ...honestHeader, alg: 'none' })}.${encode(claims)}.`,
    'alg None': `${encode({ ...honestHeader, alg: 'None' })}.${encode(claims)}.AAAA`,
    'HS256 keyed with the public key': hmac(spki),
    'HS256 keyed with nothing': hmac(''),
    'RS512 by the right key': forge(claims, { ...honestHeader, alg: 'RS512' }, issuer.key.privateKey, 'RSA-SHA512'),
    'RS256 in the header, SHA-512 in the signature': forge(claims, honestHeader, issuer.key.privateKey, 'RSA-SHA512'),
    'another key under our kid': forge(claims, honestHeader, attacker),
    'unknown kid': forge(claims, { ...honestHeader, kid: 'unknown' }),
    'kid missing': forge(claims, { alg: 'RS256', typ: 'at+jwt' }),
    'kid of a prototype member': forge(claims, { ...honestHeader, kid: '__proto__' }),
    'kid not a text': forge(claims, { ...honestHeader, kid: [issuer.key.kid] }),
    'embedded jwk': forge(claims, { ...honestHeader, jwk: attackerJwk }, attacker),
    'embedded jwk by the right key': forge(claims, { ...honestHeader, jwk: attackerJwk }),
    jku: forge(claims, { ...honestHeader, jku: 'https://attacker.test/jwks.json' }),
    x5u: forge(claims, { ...honestHeader, x5u: 'https://attacker.test/cert' }),
    'unknown crit': forge(claims, { ...honestHeader, crit: ['exp'] }),
    'typ missing': forge(claims, { alg: 'RS256', kid: issuer.key.kid }),
    'typ JWT': forge(claims, { ...honestHeader, typ: 'JWT' }),
    'typ of an ID token': forge(claims, { ...honestHeader, typ: 'id_token+jwt' }),
    'header is a list': `${encode([])}.${encode(claims)}.AAAA`,
  };
  for (const [name, token] of Object.entries(attacks)) t.equal(codeOf(token), 'token_invalid', name);
});

t.test('every claim is required and bound to this audience and issuer', async (t) => {
  const claims = issuer.accessClaims();
  for (const name of ['iss', 'aud', 'sub', 'tid', 'tsl', 'org', 'ws', 'sid', 'epo', 'prm', 'iat', 'exp', 'jti']) {
    const { [name]: _, ...rest } = { ...claims } as Record<string, unknown>;
    t.equal(codeOf(forge(rest)), 'token_invalid', `without ${name}`);
  }
  t.equal(codeOf(forge({ ...claims, aud: 'platen:platform' })), 'token_invalid', 'another audience');
  t.equal(codeOf(forge({ ...claims, aud: [claims.aud, 'platen:platform'] })), 'token_invalid', 'several audiences');
  t.equal(codeOf(forge({ ...claims, iss: 'https://other.test' })), 'token_invalid', 'another issuer');
  t.equal(codeOf(forge({ ...claims, exp: String(claims.exp) })), 'token_invalid', 'exp as text');
  t.equal(codeOf(forge({ ...claims, exp: 1e300 })), 'token_invalid', 'exp beyond integers');
  t.equal(codeOf(forge({ ...claims, epo: [1] })), 'token_invalid', 'one epoch');
  t.equal(codeOf(issuer.serviceToken(['feed'])), 'token_invalid', 'a service token');
  const service = createServiceVerifier({ keys: issuer.keys, issuer: testIssuer });
  t.throws(
    () => service.verify(issuer.accessToken(), nowMs),
    { code: 'token_invalid' },
    "a user's token for a service",
  );
  t.equal(service.verify(issuer.serviceToken(['feed']), nowMs) instanceof Promise, false);
});

t.test('time: 30 s of skew, asked again on a cached token', async (t) => {
  const iat = Math.floor(nowMs / 1000);
  const check = verifier();
  const token = issuer.accessToken({ iat, exp: iat + 60 });
  const endMs = (iat + 60) * 1000;
  t.equal(codeOf(token, check, endMs + 29_999), 'accepted');
  t.equal(codeOf(token, check, endMs + 30_000), 'token_expired', 'though its signature is cached');
  t.equal(codeOf(token, verifier(), endMs + 30_000), 'token_expired', 'seen for the first time');
  const early = issuer.accessToken({ nbf: iat + 100 });
  t.equal(codeOf(early, check, (iat + 69) * 1000), 'token_invalid');
  t.equal(codeOf(early, check, (iat + 70) * 1000), 'accepted');
  t.equal(codeOf(early, check, (iat + 69) * 1000), 'token_invalid', 'though its signature is cached');
});

t.test('spellings of a signature', async (t) => {
  const token = issuer.accessToken();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const flip = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
  t.equal(codeOf(`${header}.${payload}.${flip(signature)}`), 'token_invalid', 'altered');
  t.equal(codeOf(`${header}.${payload}.`), 'token_invalid', 'left out');
  t.equal(codeOf(`${header}.${payload}`), 'token_invalid', 'two parts');
  t.equal(codeOf(`${token}=`), 'token_invalid', 'padded');
  t.equal(codeOf(`${token}\n`), 'token_invalid', 'with a line end');
  t.equal(codeOf(`${token}.x`), 'token_invalid', 'four parts');
  t.equal(codeOf(`${header}.${flip(payload)}.${signature}`), 'token_invalid', 'another payload');
  t.equal(codeOf(''), 'token_invalid');
  t.equal(codeOf('a.b.c'), 'token_invalid');
  t.equal(codeOf(`${header}.${payload}.${'A'.repeat(20_000)}`), 'token_invalid', 'oversized');
  // The last letter of a base64url text has spare bits, so the same signature has other spellings. Each stands for the
  // same session; none may outlive a refusal because it is spelled differently.
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const at = last.indexOf(signature.at(-1) ?? '');
  const respelled = `${header}.${payload}.${signature.slice(0, -1)}${last[at ^ 1]}`;
  const check = verifier();
  const original = await check.verify(token, nowMs);
  const code = codeOf(respelled, check);
  if (code === 'accepted') t.equal((await check.verify(respelled, nowMs)).claims.jti, original.claims.jti);
  else t.equal(code, 'token_invalid');
});

t.test('the cache never answers one token with another, and stays within its bound', async (t) => {
  const check = createAccessVerifier({ keys: issuer.keys, issuer: testIssuer, cacheSize: 8 });
  const tokens = Array.from({ length: 40 }, (_, i) => ({
    sub: `user-${i}`,
    token: issuer.accessToken({ sub: `user-${i}` }),
  }));
  for (const round of [1, 2, 3]) {
    for (const { sub, token } of tokens) t.equal((await check.verify(token, nowMs)).id, sub, `round ${round}`);
  }
  const [first] = tokens;
  const [head = '', , signature = ''] = (first?.token ?? '').split('.');
  const [, otherPayload = ''] = (tokens[1]?.token ?? '').split('.');
  t.equal(
    codeOf(`${head}.${otherPayload}.${signature}`, check),
    'token_invalid',
    "one's signature under the other's claims",
  );
});

t.test('keys: removed, replaced, unknown, unusable', async (t) => {
  let current: readonly PublicJwk[] = [issuer.jwk];
  const check = verifier({ current: () => current });
  const token = issuer.accessToken();
  t.equal(codeOf(token, check), 'accepted');
  current = [];
  t.equal(codeOf(token, check), 'token_invalid', 'refused though it was cached');
  const replaced = makeSigningKey(issuer.key.kid);
  current = [publicJwk(replaced)];
  t.equal(codeOf(token, check), 'token_invalid', 'another key under the same kid');
  current = [{ ...issuer.jwk, n: '' }];
  t.equal(codeOf(token, check), 'token_invalid', 'an empty key');
  // What the feed checks can still be no key to the library, which throws at some.
  const odd = { ...issuer.jwk, kid: 'odd', e: 5 as unknown as string };
  current = [odd, publicJwk(replaced)];
  t.equal(codeOf(token, check), 'token_invalid', 'an unusable key keeps no old ones in force');
  t.equal(codeOf(token, check), 'token_invalid', 'nor at the second look');
  current = [odd, issuer.jwk];
  t.equal(codeOf(token, check), 'accepted', 'and takes no other with it');
  current = [{ ...issuer.jwk, n: 'AQAB' }, issuer.jwk];
  t.equal(codeOf(token, check), 'accepted', 'the later of two with one kid');
  const next = createTestIssuer();
  let asked = 0;
  const refetching = verifier({
    current: () => current,
    refetch: async () => {
      asked += 1;
      current = [issuer.jwk, next.jwk];
    },
  });
  t.equal((await refetching.verify(next.accessToken(), nowMs)).kind, 'user');
  await t.rejects(Promise.resolve(refetching.verify(createTestIssuer().accessToken(), nowMs)), {
    code: 'token_invalid',
  });
  t.equal(asked, 2);
});

function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}
