import { AppError } from './app-error.js';

const scheme = /^Bearer +/i;

/**
 * The credentials of `Authorization: Bearer`, as they are: the verifier judges them.
 * @throws AppError token_invalid for any other scheme
 */
export function bearerToken(authorization: string): string {
  if (authorization.startsWith('Bearer ') && authorization.charCodeAt(7) !== 0x20) return authorization.slice(7);
  if (!scheme.test(authorization)) throw new AppError('token_invalid', 'Authorization is not a bearer token');
  return authorization.replace(scheme, '');
}
