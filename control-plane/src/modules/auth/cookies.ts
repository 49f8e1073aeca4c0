import {
  accessCookieName,
  platformAccessCookieName,
  platformRefreshCookieName,
  readCookie,
  refreshCookieName,
} from '@platen/chassis/http/cookies';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Both last as long as the refresh token may: an access token that ran out is then known as such, not as missing. */
const maxAgeSeconds = 12 * 3600;

export interface SessionCookies {
  /** Sets the access token, and the refresh token if there is a new one. */
  set(reply: FastifyReply, tokens: { readonly access: string; readonly refresh?: string }): void;
  clear(reply: FastifyReply): void;
  refreshToken(request: FastifyRequest): string | undefined;
  accessToken(request: FastifyRequest): string | undefined;
}

/** The values are base64url and dots, so nothing needs quoting. */
export function sessionCookies(production: boolean, site: 'tenant' | 'platform' = 'tenant'): SessionCookies {
  const isPlatform = site === 'platform';
  const accessName = (isPlatform ? platformAccessCookieName : accessCookieName)(production);
  const refreshName = (isPlatform ? platformRefreshCookieName : refreshCookieName)(production);
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${production ? '; Secure' : ''}`;
  const cookie = (name: string, value: string, maxAge: number) => `${name}=${value}${attributes}; Max-Age=${maxAge}`;
  return {
    set(reply, { access, refresh }) {
      const cookies = [cookie(accessName, access, maxAgeSeconds)];
      if (refresh !== undefined) cookies.push(cookie(refreshName, refresh, maxAgeSeconds));
      reply.header('set-cookie', cookies);
    },
    clear(reply) {
      reply.header('set-cookie', [cookie(accessName, '', 0), cookie(refreshName, '', 0)]);
    },
    refreshToken: (request) => readCookie(request.headers.cookie, refreshName),
    accessToken: (request) =>
      /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1] ??
      readCookie(request.headers.cookie, accessName),
  };
}
