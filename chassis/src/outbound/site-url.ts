import { isIP } from 'node:net';
import { type AllowedHosts, hostnameOf, isAllowedHost } from './allowed-hosts.js';

const longest = 500;

/**
 * What somebody gave as the address of a site, as we keep it: `https://shop.example.com`. What its name resolves to is
 * looked at when it is called, each time.
 */
export function siteUrlOf(
  text: string,
  allowed: AllowedHosts,
): { readonly url: string } | { readonly problem: string } {
  // Parsers of URLs forgive these, each in its own way.
  if (/[\s\p{C}\\]/u.test(text) || text.length > longest || !URL.canParse(text)) {
    return { problem: 'it is no address of a site' };
  }
  const url = new URL(text);
  if (text.includes('@')) return { problem: 'no user name or password may be in it' };
  if (url.pathname !== '/' || /[?#]/.test(text)) return { problem: 'nothing may follow the host' };
  const host = hostnameOf(url);
  const isAllowed = isAllowedHost(url, allowed);
  if (url.protocol !== 'https:' && !(isAllowed && url.protocol === 'http:')) {
    return { problem: 'it has to begin with https://' };
  }
  if (!isAllowed && (host.startsWith('[') || isIP(host) !== 0)) {
    return { problem: 'it has to be a name, not a number' };
  }
  if (!isAllowed && !isWebName(host)) return { problem: 'it has to be a name of the internet' };
  return { url: `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}` };
}

const ownSuffixes = /(?:^|\.)(?:localhost|localdomain|local|lan|internal|home\.arpa)$/;

/** Names that only a network of one's own gives out have no place here; most of them have no dot. */
const isWebName = (host: string): boolean =>
  host.length <= 253 && /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/.test(host) && !ownSuffixes.test(host);
