import {
  createCipheriv,
  createHmac,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { ErrorCode } from '@platen/schema/errors';
import type { SigningKey } from '../auth/signer.js';
import { publicJwk } from '../auth/signer.js';
import { makeRsaKey } from './tokens.js';

export interface BadToken {
  readonly token: string;
  readonly code: Extract<ErrorCode, 'token_invalid' | 'token_expired'>;
}

type Members = Readonly<Record<string, unknown>>;

const raw = (text: string | Buffer): string => Buffer.from(text).toString('base64url');
const encode = (value: unknown): string => raw(JSON.stringify(value));

/**
 * Every way we know to make a token that must be refused (RFC 8725, and what libraries of peers were found to take), for
 * one verifier's claims. Most are signed with the right key: what refuses them is a rule, not the signature.
 */
export function makeBadTokens(key: SigningKey, claims: object): Readonly<Record<string, BadToken>> {
  const honest = { alg: 'RS256', typ: 'at+jwt', kid: key.kid };
  const tokens = {
    ...algorithms(key, honest, claims),
    ...headers(key, honest, claims),
    ...spellings(key, honest, claims),
    ...claimSets(key, honest, claims as Members),
  };
  const invalid = Object.entries(tokens).map(([name, token]) => [name, { token, code: 'token_invalid' }] as const);
  const now = Math.floor(Date.now() / 1000);
  const ended = { iat: now - 7_200, exp: now - 3_600 };
  return {
    ...Object.fromEntries(invalid),
    'expired an hour ago': { token: sign(key.privateKey, honest, { ...claims, ...ended }), code: 'token_expired' },
    'exp negative': { token: sign(key.privateKey, honest, { ...claims, exp: -1 }), code: 'token_expired' },
    'exp zero': { token: sign(key.privateKey, honest, { ...claims, exp: 0 }), code: 'token_expired' },
  };
}

function signed(key: KeyObject, input: string, hash = 'RSA-SHA256', options: object = {}): string {
  return `${input}.${raw(
    createSign(hash)
      .update(input)
      .sign({ key, ...options }),
  )}`;
}
const sign = (key: KeyObject, header: object, claims: object): string =>
  signed(key, `${encode(header)}.${encode(claims)}`);

function algorithms({ privateKey, kid }: SigningKey, honest: Members, claims: object): Record<string, string> {
  const publicKey = createPublicKey(privateKey);
  const inputOf = (alg: string, more: object = {}) => `${encode({ ...honest, alg, ...more })}.${encode(claims)}`;
  const hmac = (alg: string, hash: string, secret: string | Buffer) => {
    const input = inputOf(alg);
    return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
  };
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const secrets: Record<string, string | Buffer> = {
    'PEM (SPKI)': spki,
    'PEM without its last line end': spki.trimEnd(),
    'PEM (PKCS #1)': publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'DER (SPKI)': publicKey.export({ type: 'spki', format: 'der' }),
    'DER (PKCS #1)': publicKey.export({ type: 'pkcs1', format: 'der' }),
    JWK: JSON.stringify(publicJwk({ kid, privateKey })),
    modulus: publicJwk({ kid, privateKey }).n,
    'nothing at all': '',
    'the kid': kid,
  };
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const attacker = makeRsaKey();
  const none = ['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg): [string, string][] => [
    [`alg ${JSON.stringify(alg)} without a signature`, `${inputOf(alg)}.`],
    [`alg ${JSON.stringify(alg)} with one`, signed(privateKey, inputOf(alg))],
  ]);
  const pss = { padding: 6, saltLength: 32 };
  return {
    ...Object.fromEntries(none),
    ...Object.fromEntries(
      Object.entries(secrets).map(([name, secret]) => [`HS256 keyed with ${name}`, hmac('HS256', 'sha256', secret)]),
    ),
    'HS512 keyed with PEM': hmac('HS512', 'sha512', spki),
    'an HMAC under alg RS256': hmac('RS256', 'sha256', spki),
    'RS384 by the right key': signed(privateKey, inputOf('RS384'), 'RSA-SHA384'),
    'RS512 by the right key': signed(privateKey, inputOf('RS512'), 'RSA-SHA512'),
    'PS256 by the right key': signed(privateKey, inputOf('PS256'), 'RSA-SHA256', pss),
    'a PSS signature under alg RS256': signed(privateKey, inputOf('RS256'), 'RSA-SHA256', pss),
    ES256: signed(ec, inputOf('ES256'), 'SHA256', { dsaEncoding: 'ieee-p1363' }),
    'an ECDSA signature under alg RS256': signed(ec, inputOf('RS256'), 'SHA256'),
    EdDSA: signed(privateKey, inputOf('EdDSA')),
    'rs256 in lower case': signed(privateKey, inputOf('rs256')),
    'SHA-512 under alg RS256': signed(privateKey, inputOf('RS256'), 'RSA-SHA512'),
    'another key under our kid': signed(attacker, inputOf('RS256')),
    'alg missing': sign(privateKey, { typ: 'at+jwt', kid }, claims),
    'alg a list': sign(privateKey, { ...honest, alg: ['RS256'] }, claims),
    'nested JWE': nestedJwe(honest, claims),
    'a token within a token': sign(privateKey, { ...honest, cty: 'JWT' }, { jwt: sign(privateKey, honest, claims) }),
  };
}

/** Five parts (RFC 7516), encrypted to a key of the attacker's choice. */
function nestedJwe(honest: Members, claims: object): string {
  const [content, iv] = [randomBytes(32), randomBytes(12)];
  const header = encode({ ...honest, alg: 'dir', enc: 'A256GCM', cty: 'JWT' });
  const cipher = createCipheriv('aes-256-gcm', content, iv).setAAD(Buffer.from(header));
  const body = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()]);
  return `${header}..${raw(iv)}.${raw(body)}.${raw(cipher.getAuthTag())}`;
}

function headers({ privateKey, kid }: SigningKey, honest: Members, claims: object): Record<string, string> {
  const attacker = makeRsaKey();
  const jwk = publicJwk({ kid, privateKey: attacker });
  const withHeader = (more: Members, key = privateKey) => sign(key, { ...honest, ...more }, claims);
  const extra: Record<string, Members> = {
    'an embedded jwk': { jwk },
    jku: { jku: 'https://attacker.test/jwks.json' },
    'jku of our own': { jku: 'https://acme.localhost/.well-known/jwks.json' },
    x5u: { x5u: 'https://attacker.test/cert.pem' },
    x5c: { x5c: ['MIIB'] },
    x5t: { x5t: 'AAAA' },
    'x5t#S256': { 'x5t#S256': 'AAAA' },
    'crit empty': { crit: [] },
    'crit of a known claim': { crit: ['exp'], exp: 1 },
    'b64 false': { b64: false, crit: ['b64'] },
    'b64 false without crit': { b64: false },
    zip: { zip: 'DEF' },
    cty: { cty: 'JWT' },
    'an unknown member': { whatever: true },
  };
  const kids: Record<string, unknown> = {
    empty: '',
    null: null,
    'a number': 7,
    'a list': [kid],
    'an object': { toString: kid },
    'a path': '../../../../../../dev/null',
    'a file': 'file:///dev/null',
    'a URL': 'https://attacker.test/key',
    SQL: `' union select 'AAAA' --`,
    'a command': '| cat /etc/passwd',
    'a zero byte': `${kid}\u0000`,
    'a space behind': `${kid} `,
    'upper case': kid.toUpperCase() === kid ? `${kid}X` : kid.toUpperCase(),
    'a prototype member': '__proto__',
    constructor: 'constructor',
    'as long as a book': 'k'.repeat(4_000),
  };
  const types: Record<string, unknown> = {
    JWT: 'JWT',
    'AT+JWT': 'AT+JWT',
    'application/at+jwt': 'application/at+jwt',
    'dpop+jwt': 'dpop+jwt',
    'logout+jwt': 'logout+jwt',
    empty: '',
    null: null,
    'a list': ['at+jwt'],
    'a space behind': 'at+jwt ',
  };
  const twice = (text: string) => signed(privateKey, `${raw(text)}.${encode(claims)}`);
  return {
    ...Object.fromEntries(Object.entries(extra).map(([name, more]) => [name, withHeader(more)])),
    'an embedded jwk, signed by it': withHeader({ jwk }, attacker),
    ...Object.fromEntries(Object.entries(kids).map(([name, value]) => [`kid ${name}`, withHeader({ kid: value })])),
    'kid missing': sign(privateKey, { alg: 'RS256', typ: 'at+jwt' }, claims),
    'kid twice, ours last': twice(`{"alg":"RS256","typ":"at+jwt","kid":"other","kid":${JSON.stringify(kid)}}`),
    'kid twice, ours first': twice(`{"alg":"RS256","typ":"at+jwt","kid":${JSON.stringify(kid)},"kid":"other"}`),
    'alg twice': twice(`{"alg":"none","alg":"RS256","typ":"at+jwt","kid":${JSON.stringify(kid)}}`),
    ...Object.fromEntries(Object.entries(types).map(([name, value]) => [`typ ${name}`, withHeader({ typ: value })])),
    'typ missing': sign(privateKey, { alg: 'RS256', kid }, claims),
    'header a list': signed(privateKey, `${encode([])}.${encode(claims)}`),
    'header a text': signed(privateKey, `${encode('RS256')}.${encode(claims)}`),
    'header null': signed(privateKey, `${encode(null)}.${encode(claims)}`),
    'header with white space': twice(`{ "alg":"RS256","typ":"at+jwt","kid":${JSON.stringify(kid)}}`),
    'header with a byte order mark': twice(`\ufeff{"alg":"RS256","typ":"at+jwt","kid":${JSON.stringify(kid)}}`),
    'header with an escaped letter': twice(`{"\\u0061lg":"RS256","typ":"at+jwt","kid":${JSON.stringify(kid)}}`),
  };
}

function spellings({ privateKey }: SigningKey, honest: Members, claims: object): Record<string, string> {
  const token = sign(privateKey, honest, claims);
  const [head = '', body = '', signature = ''] = token.split('.');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const lastBit = alphabet[alphabet.indexOf(signature.at(-1) ?? '') ^ 1] ?? '';
  const flip = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
  const bytes = Buffer.from(signature, 'base64url');
  const payload = (text: string | Buffer) => signed(privateKey, `${head}.${raw(text)}`);
  const json = JSON.stringify(claims);
  return {
    'signature altered': `${head}.${body}.${flip(signature)}`,
    'signature left out': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'one part': head,
    'four parts': `${token}.${signature}`,
    'a dot behind': `${token}.`,
    'a dot before': `.${token}`,
    'signature cut short': `${head}.${body}.${raw(bytes.subarray(0, -1))}`,
    'signature extended': `${head}.${body}.${raw(Buffer.concat([bytes, Buffer.from([0])]))}`,
    'signature with a zero before': `${head}.${body}.${raw(Buffer.concat([Buffer.from([0]), bytes]))}`,
    'signature all zeros': `${head}.${body}.${raw(Buffer.alloc(bytes.length))}`,
    'signature with its spare bits set': `${head}.${body}.${signature.slice(0, -1)}${lastBit}`,
    'signature padded': `${token}==`,
    'signature in base64': `${head}.${body}.${bytes.toString('base64')}`,
    'data behind the signature': `${token}AAAA`,
    'header padded': `${head}=.${body}.${signature}`,
    'payload padded': `${head}.${body}==.${signature}`,
    'a star within': `${head}.${body}.*${signature}`,
    'another payload under the signature': `${head}.${flip(body)}.${signature}`,
    'parts swapped': `${body}.${head}.${signature}`,
    'payload no JSON': payload('no json'),
    'payload a list': payload('[]'),
    'payload null': payload('null'),
    'payload empty': `${signed(privateKey, `${head}.`)}`,
    'payload no UTF-8': payload(Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from(',"x":"\xff"}', 'latin1')])),
    'payload with a member twice': payload(`{"aud":"other",${json.slice(1)}`),
    'payload with white space': payload(` ${json}`),
    'payload with data behind': payload(`${json}{}`),
    'longer than any': sign(privateKey, honest, { ...claims, pad: 'x'.repeat(20_000) }),
    'a megabyte': `${head}.${body}.${'A'.repeat(100_000)}`,
  };
}

const others = ['platen:tenant', 'platen:platform', 'platen:service'] as const;

function claimSets({ privateKey }: SigningKey, honest: Members, claims: Members): Record<string, string> {
  const now = Math.floor(Date.now() / 1000);
  const withClaims = (changed: Members) => sign(privateKey, honest, { ...claims, ...changed });
  const changes: Record<string, Members> = {
    'aud a list': { aud: [claims['aud']] },
    'aud a list of all': { aud: others },
    'aud with a space behind': { aud: `${claims['aud']} ` },
    'aud null': { aud: null },
    ...Object.fromEntries(others.filter((aud) => aud !== claims['aud']).map((aud) => [`aud ${aud}`, { aud }])),
    'iss of another': { iss: 'https://elsewhere.test' },
    'iss with more behind': { iss: `${claims['iss']}.attacker.test` },
    'iss with less': { iss: String(claims['iss']).slice(0, -1) },
    'iss with a slash behind': { iss: `${claims['iss']}/` },
    'iss a list': { iss: [claims['iss']] },
    'exp a text': { exp: String(claims['exp']) },
    'exp a fraction': { exp: Number(claims['exp']) + 0.5 },
    'exp beyond integers': { exp: 1e300 },
    'exp in milliseconds': { exp: Number(claims['exp']) * 1000 },
    'exp at the end of time': { exp: Number.MAX_SAFE_INTEGER },
    'exp null': { exp: null },
    'exp true': { exp: true },
    'exp a list': { exp: [claims['exp']] },
    'nbf to come': { nbf: now + 3_600 },
    'nbf a text': { nbf: String(now) },
    'nbf null': { nbf: null },
    'iat to come': { iat: now + 3_600 },
    'iat a text': { iat: String(now) },
    'sub empty': { sub: '' },
    'sub a number': { sub: 1 },
    'jti empty': { jti: '' },
  };
  const names = Object.keys(claims).filter((name) => name !== 'nbf');
  return {
    ...Object.fromEntries(Object.entries(changes).map(([name, changed]) => [name, withClaims(changed)])),
    ...Object.fromEntries(names.map((name) => [`without ${name}`, withClaims({ [name]: undefined })])),
    'no claims': sign(privateKey, honest, {}),
    'claims in a prototype': signed(privateKey, `${encode(honest)}.${raw(`{"__proto__":${JSON.stringify(claims)}}`)}`),
  };
}
