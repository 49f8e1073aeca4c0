import { createLogger } from '@platen/chassis/log/logger';
import { createInternalClient } from '@platen/sdk/internal';
import { v7 as uuidv7 } from 'uuid';
import { createProcessors } from '../processors.js';
import { createJobRunner } from '../runner.js';

// A worker for tests and measurements, as its own process: the runner and its processors as they are, one job that it is
// told of. It says how far it is, and ends with the job.

const { PLANE_URL = '', TOKEN = '', SCOPE = '{}', JOB_ID = '' } = process.env;
const dataPlane = createInternalClient({ contracts: 'data', baseUrl: PLANE_URL, token: () => TOKEN });
const put = dataPlane.jobFiles.putPart;
const jobFiles = {
  ...dataPlane.jobFiles,
  putPart: Object.assign(
    async (...args: Parameters<typeof put>) => {
      const answer = await put(...args);
      process.stdout.write(`part ${args[0].part}\n`);
      return answer;
    },
    { isError: put.isError },
  ),
};
const runner = createJobRunner({
  jobs: dataPlane.jobs,
  processors: createProcessors({ ...dataPlane, jobFiles }, () => false),
  places: 1,
  leaseSeconds: 30,
  log: createLogger({ service: 'export-child', level: 'warn' }),
  tracing: null,
});
const scope: { tenant_id: string; organization_id: string; workspace_id: string | null } = JSON.parse(SCOPE);
await runner.queued({
  topic: 'erp.job',
  attempt: 1,
  signal: new AbortController().signal,
  event: {
    specversion: '1.0',
    id: uuidv7(),
    source: 'urn:platen:data-plane',
    type: 'erp.job.queued',
    subject: JOB_ID,
    time: new Date().toISOString(),
    dataschema: 'erp.job.queued',
    tenantid: scope.tenant_id,
    organizationid: scope.organization_id,
    workspaceid: scope.workspace_id,
    correlationid: 'export-child',
    traceparent: null,
    data: {
      job_id: JOB_ID,
      version: 1,
      kind: 'export',
      status: 'queued',
      attempts: 0,
      progress: 0,
      progress_total: null,
    },
  },
});
while (runner.running() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
await runner.stop();
process.stdout.write(`peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n`);
