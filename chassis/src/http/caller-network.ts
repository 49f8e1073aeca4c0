import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * What limits by address count: an IPv4 address, or the /64 of an IPv6 address. One household, and one machine, has
 * all of its 2^64 addresses, so each of them would be a limit of its own.
 */
export function callerNetwork(ip: string): string {
  if (!isIPv6(ip)) return ip;
  // An IPv4 address that a listener for both shows as an IPv6 one becomes what it is.
  const address = ipaddr.process(ip);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const groups = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${groups.join(':')}::/64`;
}
