import { type PlatformRole, platformRoles } from '@platen/schema/contract';

/** Who a token is for. Tokens of one audience are refused by the verifiers of every other. */
export const audiences = { tenant: 'platen:tenant', platform: 'platen:platform', service: 'platen:service' } as const;

/** An access token of a tenant's user (RFC 9068 `at+jwt`). Times are seconds since 1970. */
export interface AccessClaims {
  readonly iss: string;
  readonly aud: string;
  /** User id. */
  readonly sub: string;
  /** Tenant id and slug. */
  readonly tid: string;
  readonly tsl: string;
  /** Organization and workspace of the chosen context. */
  readonly org: string | null;
  readonly ws: string | null;
  /** Session id. */
  readonly sid: string;
  /** Authorization epochs of the tenant and of the user at the time of issue. */
  readonly epo: readonly [tenant: number, user: number];
  /** Effective permissions of the context: base64url of the bit map over the catalogue's bits. */
  readonly prm: string;
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
  readonly jti: string;
}

/** An access token of a platform administrator. */
export interface PlatformClaims {
  readonly iss: string;
  readonly aud: string;
  /** Administrator's id. */
  readonly sub: string;
  /** Session id. */
  readonly sid: string;
  readonly rol: PlatformRole;
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
  readonly jti: string;
}

/** A token of one of our own processes. */
export interface ServiceClaims {
  readonly iss: string;
  readonly aud: string;
  /** Code of the service account. */
  readonly sub: string;
  /** Scopes, separated by spaces (RFC 8693 section 4.2). */
  readonly scope: string;
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
  readonly jti: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);
const isTime = (value: unknown): value is number => Number.isSafeInteger(value);

/** Every claim is required: a library's own checks let a token pass that lacks what they were told to compare. */
export function isAccessClaims(claims: Readonly<Record<string, unknown>>): boolean {
  const epochs = claims['epo'];
  return (
    hasRegistered(claims) &&
    isText(claims['tid']) &&
    isText(claims['tsl']) &&
    isText(claims['sid']) &&
    isTextOrNull(claims['org']) &&
    isTextOrNull(claims['ws']) &&
    typeof claims['prm'] === 'string' &&
    /^[\w-]*$/.test(claims['prm']) &&
    Array.isArray(epochs) &&
    epochs.length === 2 &&
    epochs.every(isTime)
  );
}

export const isPlatformClaims = (claims: Readonly<Record<string, unknown>>): boolean =>
  hasRegistered(claims) && isText(claims['sid']) && platformRoles.some((role) => role === claims['rol']);

export const isServiceClaims = (claims: Readonly<Record<string, unknown>>): boolean =>
  hasRegistered(claims) && typeof claims['scope'] === 'string';

const hasRegistered = (claims: Readonly<Record<string, unknown>>): boolean =>
  isText(claims['iss']) &&
  isText(claims['aud']) &&
  isText(claims['sub']) &&
  isText(claims['jti']) &&
  isTime(claims['iat']) &&
  isTime(claims['exp']) &&
  (claims['nbf'] === undefined || isTime(claims['nbf']));
