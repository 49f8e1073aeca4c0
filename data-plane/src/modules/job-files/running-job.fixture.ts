import type { TestDatabase } from '@platen/chassis/testkit/database';
import { createInternalClient, type DataInternalClient } from '@platen/sdk/internal';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { StorageProvider } from '../../storage/storage.js';
import { openTestPlane, type TestPlane, type TestTenant, tenantOf, testFiles } from '../../testkit/test-plane.js';
import { type JobRequest, requestJob } from '../jobs/index.js';

/** A plane with a real internal listener, and a worker's client of it. */
export interface WorkFloor {
  readonly plane: TestPlane;
  readonly acme: TestTenant;
  readonly storage: StorageProvider;
  readonly client: DataInternalClient;
  readonly baseUrl: string;
  readonly db: (workspaceId?: string | null) => ReturnType<TestPlane['router']['open']>;
  request(wanted: JobRequest, workspaceId?: string | null): Promise<string>;
  claim(jobId: string, workspaceId?: string | null): Promise<Held>;
  /** Two of a tenant's jobs run at once: room for the next. */
  end(held: Held): Promise<void>;
  keys(): Promise<string[]>;
}

/** What a worker says with every call about a job that it has. */
export type Held = {
  tenant_id: string;
  id: string;
  organization_id: string;
  workspace_id?: string;
  owner: string;
  attempt: number;
};

export async function openWorkFloor(
  t: Test,
  database: TestDatabase,
  parts: { readonly limits?: Record<string, number | null> } = {},
): Promise<WorkFloor> {
  const files = testFiles(t);
  const plane = openTestPlane(t, { 'erp-1': database }, { files });
  const acme = plane.addTenant(`acme-${uuidv7().slice(-6)}`, 'erp-1', parts);
  const [organizationId] = acme.organizationIds;
  const baseUrl = await plane.app.internal.listen({ port: 0, host: '127.0.0.1' });
  const client = createInternalClient({
    baseUrl,
    contracts: 'data',
    token: () => plane.issuer.serviceToken(['erp.job']),
    maxTries: 1,
  });
  const tenant = tenantOf(plane.store, acme.id);
  const db = (workspaceId: string | null = null) =>
    plane.router.open(tenant, { tenantId: acme.id, organizationId, workspaceId });
  return {
    plane,
    acme,
    storage: files.storage,
    client,
    baseUrl,
    db,
    async request(wanted, workspaceId = null) {
      const origin = {
        correlationId: 'test-job',
        traceparent: null,
        tenant: { id: acme.id },
        organizationId,
        workspaceId,
        newId: () => uuidv7(),
      };
      return (await db(workspaceId).transaction((tx) => requestJob(tx, origin, wanted))).id;
    },
    async claim(jobId, workspaceId = null) {
      const owner = uuidv7();
      const scope = { organization_id: organizationId, ...(workspaceId !== null && { workspace_id: workspaceId }) };
      const { job, refused } = await client.jobs.claim({ tenant_id: acme.id, id: jobId, ...scope, owner });
      if (!job) throw new Error(`The job was not given: ${refused}`);
      return { tenant_id: acme.id, id: jobId, ...scope, owner, attempt: job.attempt };
    },
    async end(held) {
      const error = { code: 'test', message: 'Enough' };
      await client.jobs.fail({ ...held, workspace_id: held.workspace_id ?? null, error, retry: false });
    },
    async keys() {
      const found: string[] = [];
      for await (const { key } of files.storage.list('')) found.push(key);
      return found.sort();
    },
  };
}
