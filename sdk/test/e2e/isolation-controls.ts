import { startOutbox } from '@platen/chassis/bus/outbox-pull';
import { openDatabase } from '@platen/chassis/db/database';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { createLogger } from '@platen/chassis/log/logger';
import { patient } from '@platen/chassis/testkit/patient';
import { type App, buildApp } from '@platen/control-plane/app';
import { createPasswordPool, type PasswordPool } from '@platen/control-plane/modules/auth/index';
import { eventSources } from '@platen/schema/events/cloud-event';
import type { InjectOptions } from 'fastify';
import type { SendRaw } from './http.js';
import type { Platform } from './platform.js';

interface Teardown {
  teardown(work: () => void | Promise<void>): void;
}

/** Which of the walls between tenants stand. */
export interface ControlWalls {
  /** A token counts at its own tenant's host only. */
  readonly host: boolean;
  /** The role of the application, which row-level security binds, and not the server's superuser. */
  readonly rows: boolean;
}

/**
 * A control plane in this process, over the same rows as the platform's own. Walls are dependencies; nothing in the
 * product takes them down.
 */
export async function openControl(
  t: Teardown,
  { databases, secrets }: Platform,
  walls: ControlWalls,
): Promise<SendRaw> {
  const { control } = databases;
  const log = createLogger({ service: 'control-plane', level: 'silent' });
  const url = walls.rows ? control.tenantUrl : control.superuserUrl;
  const tenantDb = openDatabase({ name: 'isolation', url, poolSize: 4, perTenantShare: 1, ...patient });
  const platformDb = systemDatabase({ name: 'isolation-platform', url: control.platformUrl, poolSize: 3, ...patient });
  const passwords: PasswordPool = createPasswordPool({ threads: 1, maxQueue: 64 });
  // Events are the other control plane's.
  const outbox = startOutbox({ databases: [], eventSource: eventSources.controlPlane, log });
  const app: App = buildApp({
    tenantDb,
    platformDb,
    passwords,
    outbox,
    dns: { resolveTxt: async () => [] },
    log,
    isFeatureEnabled: () => true,
    ...(!walls.host && { isTenantsToken: () => true }),
    settings: {
      production: false,
      issuer: 'platen',
      baseDomain: 'localhost',
      keyEncryptionKey: secrets.keyEncryptionKey,
      devOriginPorts: [],
      devLinkPort: 4000,
      trustedProxies: [],
      authRequestsPerMinute: 100_000,
      dataInternalUrl: 'http://127.0.0.1:9',
      deletionGraceMs: 86_400_000,
      defaultTelemetryDbKey: null,
    },
  });
  t.teardown(async () => {
    await app.close();
    await outbox.stop();
    await Promise.all([tenantDb.close(), platformDb.close(), passwords.close()]);
  });
  await app.start();
  return async ({ method = 'GET', path, host, headers, body }) => {
    const request: InjectOptions = {
      // Methods of contracts, all of which light-my-request knows.
      method: method as NonNullable<InjectOptions['method']>,
      url: path,
      headers: { ...headers, host: `${host}.localhost`, 'x-correlation-id': 'isolation-test' },
      ...(body !== undefined && { payload: body as object }),
    };
    const { statusCode, headers: answered, payload: text } = await app.tenant.inject(request);
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: statusCode, headers: answered as Record<string, string>, text, json };
  };
}
