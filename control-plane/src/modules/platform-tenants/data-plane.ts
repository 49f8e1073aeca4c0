import { audiences } from '@platen/chassis/auth/claims';
import type { TenantDatabases } from '@platen/schema/contracts/internal/tenants';
import { createInternalClient, type DataInternalClient } from '@platen/sdk/internal';
import { v7 as uuidv7 } from 'uuid';
import type { Keyring } from '../keys/index.js';

/** What of a data plane the life of a tenant takes. Each rejects with the data plane's own error, or that it is away. */
export interface TenantDatabasesClient {
  check(
    tenantId: string,
    keys: TenantDatabases,
    signal?: AbortSignal,
  ): ReturnType<DataInternalClient['tenants']['check']>;
  prepare(tenantId: string, keys: TenantDatabases, signal?: AbortSignal): Promise<void>;
  purge(tenantId: string, keys: TenantDatabases, signal?: AbortSignal): Promise<{ readonly deleted: number }>;
}

const tokenTtlMs = 300_000;
/** Within the lease of the work; a try more is the work's own affair. */
const callDeadlineMs = 15_000;
const purgeDeadlineMs = 800_000;

/** Signed here: the control plane needs no account to speak for itself. */
export function createTenantDatabasesClient(deps: {
  readonly baseUrl: string;
  readonly keyring: Pick<Keyring, 'sign'>;
  readonly issuer: string;
  readonly clock: () => number;
}): TenantDatabasesClient {
  const { baseUrl, keyring, issuer, clock } = deps;
  const token = () => {
    const iat = Math.floor(clock() / 1000);
    const exp = iat + tokenTtlMs / 1000;
    const scope = 'tenant.lifecycle';
    return keyring.sign({ iss: issuer, aud: audiences.service, sub: 'control-plane', scope, iat, exp, jti: uuidv7() });
  };
  const { tenants } = createInternalClient({
    baseUrl,
    contracts: 'data',
    token,
    maxTries: 2,
    deadlineMs: callDeadlineMs,
  });
  return {
    check: (tenantId, keys, signal) => tenants.check({ tenant_id: tenantId, ...keys }, { signal }),
    prepare: (tenantId, keys, signal) => tenants.prepare({ tenant_id: tenantId, ...keys }, { signal }),
    purge: (tenantId, keys, signal) =>
      tenants.purge({ tenant_id: tenantId, ...keys }, { signal, deadlineMs: purgeDeadlineMs }),
  };
}
