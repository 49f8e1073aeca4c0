import { isIP } from 'node:net';

/**
 * The caller's address as databases take it: without an IPv6 zone, and null for whatever a proxy may have sent in place
 * of an address.
 */
export function addressOf(ip: string): string | null {
  const [address = ''] = ip.split('%', 1);
  return isIP(address) === 0 ? null : address;
}
