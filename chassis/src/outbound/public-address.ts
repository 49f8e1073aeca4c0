import ipaddr from 'ipaddr.js';

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Is it a machine of the internet, and of nobody's own network? Of IPv6 only what is given out, so that neither an IPv4
 * address in disguise (mapped, compatible, translated, tunnelled) nor what is reserved passes.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast);
}
