import { ConfigError, list } from '../config/load-config.js';

/** `host:port` of machines of our own that strangers' rules do not hold for: a site for tests, one inside a company. */
export type AllowedHosts = ReadonlySet<string>;

export const outboundFields = {
  OUTBOUND_ALLOWED_HOSTS: list([], {
    description:
      'Hosts (`host:port`) that sites may be on although they are private, and that may be called without TLS; all others are public and https',
  }),
};

const form = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i;

/** @throws ConfigError */
export function allowedHostsOf(hosts: readonly string[]): AllowedHosts {
  const wrong = hosts.filter((host) => !form.test(host) || !URL.canParse(`http://${host}`));
  if (wrong.length > 0) {
    throw new ConfigError([`OUTBOUND_ALLOWED_HOSTS: ${wrong.join(', ')}: write host:port`]);
  }
  // By way of both schemes: each leaves out its own port.
  return new Set(hosts.map((host) => hostKeyOf(new URL(`http://${host}`), host.slice(host.lastIndexOf(':') + 1))));
}

export const isAllowedHost = (url: URL, allowed: AllowedHosts): boolean => allowed.has(hostKeyOf(url));

const defaultPort = (url: URL): string => (url.protocol === 'https:' ? '443' : '80');

const hostKeyOf = (url: URL, port = url.port || defaultPort(url)): string => `${hostnameOf(url)}:${Number(port)}`;

/** A name with a dot at its end is the same name. */
export const hostnameOf = (url: URL): string => url.hostname.replace(/\.$/, '');
