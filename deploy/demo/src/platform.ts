import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServiceProcess, startServiceProcess } from '@platen/chassis/service-process/start';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface PlatformPorts {
  readonly control: number;
  readonly data: number;
  readonly controlInternal: number;
  readonly dataInternal: number;
  readonly workerHealth: number;
  readonly telemetryHealth: number;
}

/** Where the databases are, a URL per role: a service gets those of its own roles only. */
export interface PlatformDatabases {
  readonly controlTenantUrl: string;
  readonly controlPlatformUrl: string;
  /** ERP database key → URLs. */
  readonly erp: Readonly<Record<string, DatabaseUrls>>;
  /** Telemetry database key → URLs. */
  readonly telemetry: Readonly<Record<string, DatabaseUrls>>;
}
export interface DatabaseUrls {
  readonly appUrl: string;
  readonly systemUrl: string;
}

export interface PlatformSecrets {
  readonly keyEncryptionKey: string;
  readonly cursorSecret: string;
  readonly quoteLinkSecret: string;
  readonly dnCredentialsKey: string;
  readonly dataPlaneSecret: string;
  readonly erpWorkerSecret: string;
  readonly telemetryWorkerSecret: string;
}

export interface PlatformOptions {
  readonly ports: PlatformPorts;
  readonly databases: PlatformDatabases;
  readonly secrets: PlatformSecrets;
  /** Logs, mails and the data plane's copy of the feed. */
  readonly dataDir: string;
  /** More variables for a service, e.g. `LOG_LEVEL`. */
  readonly env?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  /** Where the compiled services lie, each under its path in the repository. Default: there. */
  readonly entriesDir?: string;
  readonly onExit?: (exit: { name: string; code: number | null; signal: NodeJS.Signals | null }) => void;
}

export const serviceNames = ['control-plane', 'data-plane', 'erp-worker', 'telemetry-worker'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Where the demo keeps files. */
export const uploadsOf = (dataDir: string): string => path.join(dataDir, 'uploads');

const local = (port: number) => `http://127.0.0.1:${port}`;

/** How each service of a whole Platen on one machine is configured: the one place where the launcher and tests say so. */
export function serviceEnvironment(name: ServiceName, options: PlatformOptions): Record<string, string> {
  const { ports, databases, secrets, dataDir } = options;
  const shared = {
    NODE_ENV: 'development',
    BASE_DOMAIN: 'localhost',
    CONTROL_PLANE_HOST: '127.0.0.1',
    DATA_PLANE_HOST: '127.0.0.1',
    TOKEN_ISSUER: 'platen',
    PLATEN_DATA_DIR: dataDir,
  };
  const own: Record<ServiceName, Record<string, string>> = {
    'control-plane': {
      CONTROL_PLANE_PORT: String(ports.control),
      CONTROL_INTERNAL_PORT: String(ports.controlInternal),
      CONTROL_DB_URL: databases.controlTenantUrl,
      CONTROL_PLATFORM_DB_URL: databases.controlPlatformUrl,
      KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
      DATA_INTERNAL_URL: local(ports.dataInternal),
      // New tenants have telemetry too, in the first of the databases.
      DEFAULT_TELEMETRY_DB: Object.keys(databases.telemetry)[0] ?? '',
    },
    'data-plane': {
      DATA_PLANE_PORT: String(ports.data),
      DATA_INTERNAL_PORT: String(ports.dataInternal),
      CONTROL_INTERNAL_URL: local(ports.controlInternal),
      SERVICE_CLIENT_ID: 'data-plane',
      SERVICE_CLIENT_SECRET: secrets.dataPlaneSecret,
      DATA_DB_CATALOG: JSON.stringify(catalogOf(databases)),
      CURSOR_SECRET: secrets.cursorSecret,
      QUOTE_LINK_SECRET: secrets.quoteLinkSecret,
      DN_CREDENTIALS_KEY: secrets.dnCredentialsKey,
      STORAGE_LOCAL_DIR: uploadsOf(dataDir),
    },
    'erp-worker': {
      CONTROL_INTERNAL_URL: local(ports.controlInternal),
      DATA_INTERNAL_URL: local(ports.dataInternal),
      SERVICE_CLIENT_ID: 'erp-worker',
      SERVICE_CLIENT_SECRET: secrets.erpWorkerSecret,
      WORKER_HEALTH_PORT: String(ports.workerHealth),
      MAIL_PROVIDER: 'log',
      // A worker that was killed is replaced after this long; one machine has no partitions to be patient with.
      OUTBOX_LEASE: '5s',
    },
    'telemetry-worker': {
      CONTROL_INTERNAL_URL: local(ports.controlInternal),
      DATA_INTERNAL_URL: local(ports.dataInternal),
      SERVICE_CLIENT_ID: 'telemetry-worker',
      SERVICE_CLIENT_SECRET: secrets.telemetryWorkerSecret,
      WORKER_HEALTH_PORT: String(ports.telemetryHealth),
      OUTBOX_LEASE: '5s',
    },
  };
  return { ...shared, ...own[name], ...options.env?.[name] };
}

const catalogOf = ({ erp, telemetry }: PlatformDatabases) => ({
  ...entriesOf(erp, 'erp'),
  ...entriesOf(telemetry, 'telemetry'),
});

const entriesOf = (urls: PlatformDatabases['erp'], kind: 'erp' | 'telemetry') =>
  Object.fromEntries(
    Object.entries(urls).map(([key, { appUrl, systemUrl }]) => [
      key,
      { url: appUrl, system_url: systemUrl, pool_size: 10, kind },
    ]),
  );

const entries: Record<ServiceName, { entry: string; ready: (ports: PlatformPorts) => string }> = {
  'control-plane': { entry: 'control-plane/dist/main.js', ready: (ports) => `${local(ports.control)}/ready` },
  'data-plane': { entry: 'data-plane/dist/main.js', ready: (ports) => `${local(ports.data)}/ready` },
  'erp-worker': { entry: 'workers/erp-worker/dist/main.js', ready: (ports) => `${local(ports.workerHealth)}/health` },
  'telemetry-worker': {
    entry: 'workers/telemetry-worker/dist/main.js',
    ready: (ports) => `${local(ports.telemetryHealth)}/health`,
  },
};

/** Starts one service as a process of its own and waits until it serves. */
export function startPlatformService(name: ServiceName, options: PlatformOptions): Promise<ServiceProcess> {
  const { entry, ready } = entries[name];
  const logDir = path.join(options.dataDir, 'log');
  mkdirSync(logDir, { recursive: true });
  return startServiceProcess({
    name,
    entry: path.join(options.entriesDir ?? root, entry),
    env: serviceEnvironment(name, options),
    logFile: path.join(logDir, `${name}.log`),
    readyUrl: ready(options.ports),
    ...(options.onExit && { onExit: options.onExit }),
  });
}
