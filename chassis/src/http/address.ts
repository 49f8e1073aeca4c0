import { isIP } from 'node:net';

/**
 * The caller's address as databases take it: without an IPv6 zone, and null for whatever a proxy may have sent in place
 * of an address. Whoever has reset the connection before his request is looked at has none.
 */
export function addressOf(ip: string | undefined): string | null {
  const [address = ''] = ip?.split('%', 1) ?? [];
  return isIP(address) === 0 ? null : address;
}
