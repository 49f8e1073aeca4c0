import { readFileSync } from 'node:fs';

/** What `platen.conf.template` leaves open, by the names that it has there. */
export interface ProxyVariables {
  /** `443 ssl http2`, `127.0.0.1:8080`. */
  readonly PROXY_LISTEN: string;
  /** `ssl_certificate …; ssl_certificate_key …;`, empty without TLS. */
  readonly PROXY_TLS: string;
  /** Where another proxy is before this one: `set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on;` */
  readonly PROXY_REAL_IP: string;
  /** `server host:port max_fails=1 fail_timeout=2s; server host:port max_fails=0 backup;` for each instance. */
  readonly PROXY_CONTROL_SERVERS: string;
  readonly PROXY_DATA_SERVERS: string;
  /** Shorter than the planes' DRAIN_TIME. */
  readonly PROXY_UPSTREAM_IDLE: string;
  /** The larger one of FILE_MAX_BYTES and the 128 MiB of an import, and a mebibyte for what is around a file. */
  readonly PROXY_UPLOAD_MAX: string;
  /** A file, `/dev/stdout`, or `syslog:…`. */
  readonly PROXY_ACCESS_LOG: string;
}

/** Those whose absence is no mistake; upstreams have none. */
export const proxyDefaults = {
  PROXY_LISTEN: '8080',
  PROXY_TLS: '',
  PROXY_REAL_IP: '',
  PROXY_UPSTREAM_IDLE: '3s',
  PROXY_UPLOAD_MAX: '129m',
  PROXY_ACCESS_LOG: '/dev/stdout',
} as const satisfies Partial<ProxyVariables>;

export const proxyTemplate = new URL('../platen.conf.template', import.meta.url);
const variable = /\$\{([A-Z_]+)\}/g;

export const templateVariables = (template: string): string[] => [
  ...new Set([...template.matchAll(variable)].map(([, name = '']) => name)),
];

/** @throws Error naming every variable that has no value */
export function renderProxy(template: string, values: Readonly<Record<string, string | undefined>>): string {
  const given: Readonly<Record<string, string | undefined>> = { ...proxyDefaults, ...present(values) };
  const missing = templateVariables(template).filter((name) => given[name] === undefined);
  if (missing.length > 0) throw new Error(`Not set: ${missing.join(', ')}`);
  return template.replaceAll(variable, (_, name: string) => given[name] ?? '');
}

const present = (values: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

export const readTemplate = (file: URL | string = proxyTemplate): string => readFileSync(file, 'utf8');

/** Each once more as a backup: where all are taken for dead, as in the middle of a rolling restart, they are asked all the same. */
export const serverLines = (ports: readonly number[]): string =>
  [
    ...ports.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=2s;`),
    ...ports.map((port) => `server 127.0.0.1:${port} max_fails=0 backup;`),
  ].join(' ');
