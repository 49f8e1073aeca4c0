import { systemDatabase } from '@platen/chassis/db/system-database';
import type { DueWorkRunner } from '@platen/chassis/due-work/runner';
import { createLogger } from '@platen/chassis/log/logger';
import { testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { patient } from '@platen/chassis/testkit/patient';
import type { Job } from '@platen/schema/contracts/data/job-shapes';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { createRunners } from '../../due-work/due-work.js';
import { type Answer, openTestPlane, type TestTenant, tenantOf, testFiles } from '../../testkit/test-plane.js';
import { startDataOutbox } from '../outbox/index.js';
import { type JobRequest, requestJob } from './index.js';

/** Where a job is: the tenant's first organization, unless told otherwise. */
export interface Where {
  readonly tenant: TestTenant;
  readonly organizationId?: string;
  readonly workspaceId?: string | null;
}
export type Step = 'claim' | 'progress' | 'complete' | 'fail' | 'release';

/** What came of a call: `409 lease_lost`, or the body. */
export const said = ({ status, body }: Answer): unknown => (status < 300 ? body : `${status} ${body.code}`);

/** A plane with jobs and their due work, over a database of the test's own. */
export async function openJobs(t: Test, { withOutbox = false }: { readonly withOutbox?: boolean } = {}) {
  const database = await testDatabase(t, 'erp');
  const files = testFiles(t);
  const system = systemDatabase({ name: 'erp_1', url: database.systemUrl, poolSize: 4, ...patient });
  const log = createLogger({ service: 'test', level: 'silent' });
  const outbox = withOutbox
    ? startDataOutbox({ log, databases: [{ key: 'erp_1', systemUrl: database.systemUrl, system }] })
    : null;
  const sequenced = outbox && { outboxes: outbox.databases, modules: [outbox.module] };
  const plane = openTestPlane(t, { erp_1: database }, { files, ...sequenced });
  t.teardown(async () => {
    outbox?.endPolls();
    await Promise.all([plane.app.tenant.close(), plane.app.internal.close()]);
    await outbox?.stop();
    await system.close();
  });
  const serviceToken = plane.issuer.serviceToken(['erp.job']);
  const placeOf = ({ tenant, organizationId = tenant.organizationIds[0], workspaceId = null }: Where) => ({
    tenantId: tenant.id,
    organizationId,
    workspaceId,
  });

  async function call(url: string, payload: object, token = serviceToken): Promise<Answer> {
    const answer = await plane.app.internal.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'x-correlation-id': `test-${uuidv7()}`, authorization: `Bearer ${token}` },
    });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: JSON.parse(answer.body) };
  }

  return {
    ...plane,
    database,
    storage: files.storage,
    sql: <Row extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> =>
      asSuperuser(database.superuserUrl, async (client) => (await client.query<Row>(text, values)).rows),
    /** Another instance's, each time. */
    runner(): DueWorkRunner {
      const deps = {
        databases: [{ key: 'erp_1', system }],
        feed: plane.store,
        openDb: plane.router.open,
        openTelemetryDb: plane.router.openTelemetry,
        log,
      };
      const [runner] = createRunners(deps, plane.app.dueWork);
      if (!runner) throw new Error('one runner for one database');
      return runner;
    },
    async request(where: Where, wanted: Partial<JobRequest> = {}) {
      const { organizationId, workspaceId, ...place } = placeOf(where);
      const scope = { ...place, organizationId, workspaceId };
      const db = plane.router.open(tenantOf(plane.store, where.tenant.id), scope);
      const origin = { ...scope, tenant: where.tenant, correlationId: `test-${uuidv7()}`, traceparent: null };
      const request = { kind: 'export', title: 'Orders', payload: { resource: 'orders' }, ...wanted } as const;
      return db.transaction((tx) => requestJob(tx, { ...origin, newId: () => uuidv7() }, request));
    },
    /** A worker's call about a job. */
    work: (where: Where, id: string, step: Step, body: object): Promise<Answer> => {
      const { tenantId, organizationId, workspaceId } = placeOf(where);
      const scope = { organization_id: organizationId, workspace_id: workspaceId };
      return call(`/internal/tenants/${tenantId}/jobs/${id}/${step}`, { ...scope, ...body });
    },
    async job(where: Where, id: string): Promise<Job & { readonly lease_owner: string | null }> {
      const { organizationId, workspaceId } = placeOf(where);
      const token = plane.token(where.tenant, { org: organizationId, ws: workspaceId });
      const { body } = await plane.call(where.tenant, token, { url: `/api/erp/jobs/${id}` });
      return body;
    },
    act(where: Where, id: string, action: 'cancel' | 'retry', headers: Record<string, string> = {}): Promise<Answer> {
      const { organizationId, workspaceId } = placeOf(where);
      const token = plane.token(where.tenant, { org: organizationId, ws: workspaceId });
      return plane.call(where.tenant, token, { method: 'POST', url: `/api/erp/jobs/${id}/${action}`, headers });
    },
    /** Types of a job's events in the order of their writing. */
    async told(id: string): Promise<string[]> {
      const rows = await asSuperuser(database.superuserUrl, async (client) => {
        const text = `select type from outbox_events where payload ->> 'job_id' = $1 order by seq`;
        return (await client.query<{ type: string }>(text, [id])).rows;
      });
      return rows.map(({ type }) => type.slice('erp.job.'.length));
    },
    /** Resolves when something of this database has happened; without an outbox that is sequenced, never. */
    nextEvent: () =>
      new Promise<void>((resolve) => {
        const stop = outbox?.databases[0]?.sequencer.onPositions(() => {
          stop?.();
          resolve();
        });
      }),
    db: (where: Where) => plane.router.open(tenantOf(plane.store, where.tenant.id), placeOf(where)),
  };
}
export type JobsPlane = Awaited<ReturnType<typeof openJobs>>;

export const exported = { kind: 'export', file_id: uuidv7(), file_name: 'orders.csv', byte_size: 10, rows: 1 } as const;

/** The lease is over, or its time has come: by the database's clock, which is the only one. */
export const passLease = (plane: JobsPlane, id: string) =>
  plane.sql(
    `with job as (update erp_jobs set lease_until = now() - interval '1 s' where id = $1)
     update due_work set due_at = now() - interval '1 s' where ref_id = $1`,
    [id],
  );
export const passWait = (plane: JobsPlane, id: string) =>
  plane.sql(
    `with job as (update erp_jobs set run_after = now() - interval '1 s' where id = $1)
     update due_work set due_at = now() - interval '1 s' where ref_id = $1`,
    [id],
  );
