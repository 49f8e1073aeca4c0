/** `__Host-` binds a cookie to its host and to TLS (RFC 6265bis section 4.1.3.2), which plain-HTTP development lacks. */
export const accessCookieName = (production: boolean): string => (production ? '__Host-platen_at' : 'platen_at');
export const refreshCookieName = (production: boolean): string => (production ? '__Host-platen_rt' : 'platen_rt');
/** At the platform's host. */
export const platformAccessCookieName = (production: boolean): string =>
  production ? '__Host-platen_pat' : 'platen_pat';
export const platformRefreshCookieName = (production: boolean): string =>
  production ? '__Host-platen_prt' : 'platen_prt';

/**
 * The value of one cookie, without building a table of all. Undefined when it is missing, and when it is sent twice:
 * a second one can have been planted from a neighbouring host.
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let found: string | undefined;
  let from = header.indexOf(name);
  while (from !== -1) {
    const equals = from + name.length;
    if (header.charCodeAt(equals) === 0x3d && isStart(header, from)) {
      if (found !== undefined) return undefined;
      const end = header.indexOf(';', equals);
      found = header.slice(equals + 1, end === -1 ? undefined : end).trim();
    }
    from = header.indexOf(name, equals);
  }
  return found === '' ? undefined : found;
}

/** Is this position the first of a pair, spaces skipped? */
function isStart(header: string, position: number): boolean {
  let before = position - 1;
  while (before >= 0 && header.charCodeAt(before) === 0x20) before -= 1;
  return before < 0 || header.charCodeAt(before) === 0x3b;
}

/** The header without one cookie: what a service must not see, it cannot leak. */
export function withoutCookie(header: string, name: string): string {
  return header
    .split(';')
    .filter((pair) => pair.trim().split('=', 1)[0] !== name)
    .join(';')
    .trim();
}
