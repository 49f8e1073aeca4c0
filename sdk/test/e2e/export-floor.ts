import { createLogger } from '@platen/chassis/log/logger';
import { testDatabase } from '@platen/chassis/testkit/database';
import { openWorkFloor, type WorkFloor } from '@platen/data-plane/modules/job-files/running-job.fixture';
import { exportProcessor } from '@platen/erp-worker/jobs/export/export';
import type { JobProcessor } from '@platen/erp-worker/jobs/processor';
import type { OutputOf } from '@platen/schema/contract';
import type { exports } from '@platen/schema/contracts/data/exports';
import type { JobResult } from '@platen/schema/contracts/data/job-shapes';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';

export type Job = OutputOf<typeof exports.create>;
type Client = Parameters<typeof exportProcessor>[0];
type Progress = readonly [done: number, total: number | undefined, cursor: string | undefined];

/** A plane with orders, people who export them, and a worker's part played in this process. */
export interface ExportFloor extends WorkFloor {
  ask(body: object, who?: { readonly token?: string; readonly status?: number }): Promise<Job>;
  /** Takes the job up as a new worker would, and does it to its end or failure. */
  run(
    jobId: string,
    how?: { readonly client?: Client; readonly workspaceId?: string | null; readonly signal?: AbortSignal },
  ): Promise<Run>;
  download(fileId: string, token?: string): Promise<Buffer>;
  addOrders(count: number, workspaceId?: string | null): Promise<void>;
}

export interface Run {
  readonly result: JobResult | null;
  readonly failure: unknown;
  readonly progress: readonly Progress[];
}

export const hostileNames = [
  '=1+1',
  '+49 30 1234',
  '-2+3',
  '@SUM(A1)',
  'Größe, "quoted"',
  'two\nlines\r\nand three',
  '日本語 👕',
  'a <b> & _x0041_ c',
  '  spaces  ',
  'bell \u0007 and \u000b',
];

export async function openExportFloor(t: Test): Promise<ExportFloor> {
  const floor = await openWorkFloor(t, await testDatabase(t, 'erp'));
  const { plane, acme, client } = floor;
  const [organizationId] = acme.organizationIds;
  const query = (text: string, values: (string | number | null | string[])[] = []) =>
    floor.db().leased.query({ name: `test.${uuidv7()}`, text }, values);
  const customer = (n: string) => `('01930000-0000-7000-8001-' || lpad(to_hex((${n})), 12, '0'))::uuid`;
  await query(
    `insert into erp_customers (tenant_id, organization_id, id, code, name, currency)
     select $1::uuid, $2::uuid, ${customer('n::int')}, 'c-' || n, name, 'EUR'
     from unnest($3::text[]) with ordinality as h (name, n)`,
    [acme.id, organizationId, hostileNames],
  );
  let orders = 0;
  return {
    ...floor,
    async ask(body, { token = plane.token(acme), status = 201 } = {}) {
      const answer = await plane.call(acme, token, {
        method: 'POST',
        url: '/api/erp/exports',
        headers: { 'idempotency-key': uuidv7() },
        payload: body,
      });
      if (answer.status !== status) throw new Error(`${answer.status}: ${answer.text}`);
      return answer.body;
    },
    async run(jobId, { client: by = client, workspaceId = null, signal = new AbortController().signal } = {}) {
      const scope = { tenant_id: acme.id, organization_id: organizationId, workspace_id: workspaceId };
      const owner = uuidv7();
      const { job, refused } = await client.jobs.claim({ ...scope, id: jobId, owner });
      if (!job) throw new Error(`The job was not given: ${refused}`);
      const holder = { owner, attempt: job.attempt };
      const named = { ...scope, ...holder, id: jobId };
      const progress: Progress[] = [];
      const log = createLogger({ service: 'test', level: 'silent' });
      const processor: JobProcessor = exportProcessor(by);
      try {
        const result = await processor.run(
          { ...job, id: jobId },
          {
            signal,
            scope,
            holder,
            correlationId: 'test-export',
            log,
            progress: (...said: [number, number?, string?]) => progress.push([said[0], said[1], said[2]]),
          },
        );
        await client.jobs.complete({ ...named, result });
        return { result, failure: null, progress };
      } catch (failure) {
        const [done = 0, , cursor] = progress.at(-1) ?? [];
        await client.jobs.release({ ...named, progress: done, ...(cursor !== undefined && { cursor }) });
        return { result: null, failure, progress };
      }
    },
    async download(fileId, token = plane.token(acme)) {
      const answer = await plane.app.tenant.inject({
        method: 'GET',
        url: `/api/erp/files/${fileId}/content`,
        headers: {
          host: `${acme.slug}.localhost`,
          'x-correlation-id': 'test-download',
          authorization: `Bearer ${token}`,
        },
      });
      if (answer.statusCode !== 200) throw Object.assign(new Error(answer.body), { status: answer.statusCode });
      return answer.rawPayload;
    },
    async addOrders(count, workspaceId = null) {
      const end = orders + count;
      // A statement has its time.
      for (let first = orders; first < end; first += 2_000) {
        await query(
          `insert into erp_orders (tenant_id, organization_id, workspace_id, id, number, status, customer_id, currency,
             subtotal, discount, tax, total, deposit_due, due_on, created_at)
           select $1::uuid, $2::uuid, $3::uuid, ('01930000-0000-7000-8002-' || lpad(to_hex(n), 12, '0'))::uuid,
             case when n % 3 > 0 then 'SO-' || lpad(n::text, 7, '0') end, case when n % 3 > 0 then 'confirmed' else 'draft' end,
             ${customer(`n % ${hostileNames.length} + 1`)}, 'EUR', n * 1.2345, 0.1, -0.0001 * n, 99999999999.99 + n * 0.01,
             case when n % 2 = 0 then 0.3 end, case when n % 5 > 0 then date '2026-03-01' + n % 400 end,
             timestamptz '2026-03-01 09:30:00.123Z' + n * interval '7 minutes'
           from generate_series($4::int, $5::int) n`,
          [acme.id, organizationId, workspaceId, first, Math.min(first + 2_000, end) - 1],
        );
      }
      orders = end;
    },
  };
}
