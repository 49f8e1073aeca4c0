import type { Contract } from '@platen/schema/contract';
import { type AccessClaims, audiences, type PlatformClaims, type ServiceClaims } from '../auth/claims.js';
import type { Attack, SecurityWorld, TableRequest } from './security-table-attack.js';

export const withToken = (request: TableRequest, token: string): TableRequest => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${token}` },
});

export const withoutToken = ({ headers, ...request }: TableRequest): TableRequest => {
  const { authorization: _, ...rest } = headers;
  return { ...request, headers: rest };
};

/** One more than the skew that verifiers allow. */
const longAgoSeconds = 3_600;
const now = (): number => Math.floor(Date.now() / 1000);

type Claims = AccessClaims | ServiceClaims | PlatformClaims;
type Make = (world: SecurityWorld, claims: Claims) => string;

const otherThan = (audience: string): string =>
  audience === audiences.platform ? audiences.tenant : audiences.platform;

/** Tokens that no verifier may take, whoever they claim to be. */
const forgeries: Readonly<Record<string, Make>> = {
  'a text that is no token': () => 'garbage',
  'three parts of nothing': () => '..',
  'a token of another issuer': ({ forger }, claims) => forger.sign({ ...claims, iss: 'https://elsewhere.example' }),
  'a token for another audience': ({ forger }, claims) => forger.sign({ ...claims, aud: otherThan(claims.aud) }),
  'a token for several audiences': ({ forger }, claims) =>
    forger.sign({ ...claims, aud: [claims.aud, audiences.tenant, audiences.service] }),
  'a token without an audience': ({ forger }, claims) => forger.sign({ ...claims, aud: undefined }),
  'a token without an end': ({ forger }, claims) => forger.sign({ ...claims, exp: undefined }),
  'a token without a subject': ({ forger }, claims) => forger.sign({ ...claims, sub: undefined }),
  'a token that is not valid yet': ({ forger }, claims) => forger.sign({ ...claims, nbf: now() + longAgoSeconds }),
  'a token of another type': ({ forger }, claims) => forger.sign(claims, { typ: 'JWT' }),
  'a token that brings its key along': ({ forger }, claims) =>
    forger.sign(claims, { jwk: { kty: 'RSA' }, jku: 'https://elsewhere.example/jwks.json' }),
  'a token with a critical header': ({ forger }, claims) => forger.sign(claims, { crit: ['exp'], exp: 1 }),
  'an unsigned token': ({ forger }, claims) => forger.unsigned(claims),
  'HS256 with the public key': ({ forger }, claims) => forger.hmacWithPublicKey(claims),
  'a key that nobody knows': ({ forger }, claims) => forger.signWithOwnKey(claims, 'unknown-key'),
  'another key under the name of ours': ({ forger }, claims) => {
    const [header = ''] = forger.sign(claims).split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { kid: string };
    return forger.signWithOwnKey(claims, kid);
  },
  'claims changed under their signature': ({ forger }, claims) =>
    forger.tamper(forger.sign(claims), { exp: claims.exp + 1 }),
};

/** For every endpoint that wants a token; `claimsOf` picks whose. */
export function tokenAttacks(
  wantsToken: (contract: Contract) => boolean,
  claimsOf: (world: SecurityWorld) => Claims,
): Attack[] {
  const forged = Object.entries(forgeries).map(
    ([name, make]): Attack => ({
      name,
      applies: wantsToken,
      change: (request, world) => withToken(request, make(world, claimsOf(world))),
      code: 'token_invalid',
    }),
  );
  return [
    { name: 'no token', applies: wantsToken, change: withoutToken, code: 'authentication_required' },
    {
      name: 'another scheme than Bearer',
      applies: wantsToken,
      change: (request) => ({ ...request, headers: { ...request.headers, authorization: 'Basic YWRtaW46YWRtaW4=' } }),
      code: 'token_invalid',
    },
    {
      name: 'an expired token',
      applies: wantsToken,
      change: (request, world) => {
        const ended = { iat: now() - 2 * longAgoSeconds, exp: now() - longAgoSeconds };
        return withToken(request, world.forger.sign({ ...claimsOf(world), ...ended }));
      },
      code: 'token_expired',
    },
    ...forged,
  ];
}

const isWrite = ({ method }: Contract): boolean => method !== 'GET';

const origins: Readonly<Record<string, (world: SecurityWorld, ownHost: string) => string | undefined>> = {
  'a write by cookie from a page of nobody’s': () => 'https://evil.example',
  'a write by cookie from a neighbour’s page': ({ hosts }) => `http://${hosts.other}`,
  'a write by cookie from a page at another port': (_, ownHost) => `http://${ownHost.replace(/:\d+$/, '')}:1`,
  'a write by cookie from a page of another scheme': (_, ownHost) => `https://${ownHost}`,
  'a write by cookie from an opaque origin': () => 'null',
  'a write by cookie without an origin': () => undefined,
};

/** `cookieOf` makes the whole header; `ownHost` is where the attack is sent. */
export const originAttacks = (
  cookieOf: (world: SecurityWorld) => string,
  ownHost: (world: SecurityWorld) => string,
): Attack[] =>
  Object.entries(origins).map(([name, origin]) => ({
    name,
    applies: isWrite,
    change: (request, world) => {
      const bare = withoutToken(request);
      // Undefined too: a sample of a write by cookie has an origin of its own.
      const headers = { ...bare.headers, cookie: cookieOf(world), origin: origin(world, ownHost(world)) };
      return { ...bare, headers };
    },
    code: 'origin_not_allowed',
  }));

/** Rules of every request, whoever calls. */
export const requestAttacks: readonly Attack[] = [
  {
    name: 'no correlation id',
    applies: (contract) => contract.navigable !== true && !contract.path.startsWith('/.well-known/'),
    change: (request) => ({ ...request, headers: { ...request.headers, 'x-correlation-id': undefined } }),
    code: 'correlation_id_required',
  },
  {
    name: 'a correlation id with a line break in it',
    applies: (contract) => contract.navigable !== true && !contract.path.startsWith('/.well-known/'),
    change: (request) => ({ ...request, headers: { ...request.headers, 'x-correlation-id': 'abcdefgh%0d%0aX: y' } }),
    code: 'correlation_id_required',
  },
  {
    name: 'an unknown field in the body',
    // A form is bytes here; its fields have tests of their own (http/upload.test.ts).
    applies: (contract) => contract.body !== undefined && contract.upload === undefined,
    change: (request) => ({ ...request, body: { ...request.body, unexpected_field: true } }),
    code: 'validation_failed',
    // Where a body takes so many fields and no more, there is one too many as well.
    members: ({ body = {} }) =>
      'maxProperties' in body ? {} : { errors: [{ path: '/body/unexpected_field', message: 'unknown field' }] },
  },
  {
    name: 'an unknown parameter in the query',
    applies: () => true,
    change: (request) => ({
      ...request,
      path: `${request.path}${request.path.includes('?') ? '&' : '?'}unexpected_field=1`,
    }),
    code: 'validation_failed',
    members: () => ({ errors: [{ path: '/query/unexpected_field', message: 'unknown field' }] }),
  },
];
