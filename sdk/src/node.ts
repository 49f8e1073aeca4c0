import { CookieJar } from 'tough-cookie';
import { createHttpTransport, type HttpTransport, type HttpTransportOptions } from './transport/http-transport.js';

export type { HttpTransport } from './transport/http-transport.js';

export interface NodeTransportOptions extends Pick<HttpTransportOptions, 'ca' | 'maxResponseBytes' | 'maxSockets'> {
  /** Shared between transports, or restored; a new one for this transport when absent: one transport is one session. */
  readonly jar?: CookieJar;
}

export interface NodeTransport extends HttpTransport {
  readonly jar: CookieJar;
}

const reads = ['GET', 'HEAD', 'OPTIONS'];

/**
 * What a browser brings along and Node does not: a cookie jar, an Origin on writes, and `*.localhost` as this machine.
 * Answers are bounded in size; connections are kept.
 */
export function createNodeTransport(options: NodeTransportOptions = {}): NodeTransport {
  const { jar = new CookieJar(), ...http } = options;
  const transport = createHttpTransport({
    ...http,
    followsLinks: true,
    async onRequest(url, { method, headers }) {
      // A write by cookie needs an Origin that is the tenant's own; this client is its own page.
      if (!reads.includes(method)) headers['origin'] ??= url.origin;
      const cookies = await jar.getCookieString(url.href);
      if (cookies !== '') headers['cookie'] = cookies;
    },
    async onResponse(url, setCookie) {
      // A cookie that the jar refuses is left out, as a browser does.
      for (const cookie of setCookie) await jar.setCookie(cookie, url.href, { ignoreError: true });
    },
  });
  return Object.assign(transport, { jar });
}
