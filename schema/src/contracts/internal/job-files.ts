import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { largestFileBytes } from '../data/files.js';
import { closed, Id, nullable } from '../shapes.js';

const Count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
const ByteSize = Type.Integer({ minimum: 0 });

/** Bodies are files, so what a worker says of itself stands in the query. Without a workspace: the whole organization. */
const holder = {
  organization_id: Id,
  workspace_id: Type.Optional(Id),
  owner: Id,
  attempt: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
};

/** What jobs make, by the end of its name. */
export const jobFileTypes = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  png: 'image/png',
} as const;
const extensions = Object.keys(jobFileTypes).join('|');

export const JobFile = closed({
  file_id: Id,
  file_name: Type.String(),
  byte_size: ByteSize,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
export type JobFile = Static<typeof JobFile>;

const JobPart = closed({ part: Count, byte_size: ByteSize, row_count: Count });

/** A part is a page of something larger: it is held in memory. */
export const maxPartBytes = 64 * 1024 * 1024;

const service = { service: 'erp.job' } as const;
const jobPath = '/internal/tenants/:tenant_id/jobs/:id';
const params = closed({ tenant_id: Id, id: Id });
const partParams = closed({ tenant_id: Id, id: Id, part: Count });

/** What running jobs put into the storage. Whoever comes with an attempt that is not the running one has lost the job. */
export const jobFiles = contracts('internal.jobFiles', {
  list: {
    method: 'GET',
    path: `${jobPath}/files`,
    access: service,
    summary: 'What earlier attempts have stored',
    params,
    query: closed(holder),
    status: 200,
    response: closed({ file: nullable(JobFile), parts: Type.Array(JobPart) }),
    errors: ['lease_lost'],
  },
  put: {
    method: 'POST',
    path: `${jobPath}/file`,
    access: service,
    summary: 'Store what a job has made',
    description:
      'A job has one file: another takes its place, the same bytes under the same name are the one that is there. Its parts are deleted with that.',
    params,
    query: closed({
      ...holder,
      name: Type.String({ minLength: 5, maxLength: 200, pattern: `\\.(?:${extensions})$` }),
    }),
    upload: { mediaType: 'application/octet-stream', maxBytes: largestFileBytes },
    idempotency: 'exempt',
    status: 200,
    response: JobFile,
    errors: ['lease_lost', 'limit_reached'],
  },
  putPart: {
    method: 'POST',
    path: `${jobPath}/parts/:part`,
    access: service,
    summary: 'Store a part of what a job makes',
    description: 'The same part again takes the place of the first.',
    params: partParams,
    query: closed({ ...holder, row_count: Count }),
    upload: { mediaType: 'application/octet-stream', maxBytes: maxPartBytes },
    idempotency: 'exempt',
    status: 200,
    response: JobPart,
    errors: ['lease_lost'],
  },
  getPart: {
    method: 'GET',
    path: `${jobPath}/parts/:part`,
    access: service,
    summary: 'Read a part',
    params: partParams,
    query: closed(holder),
    status: 200,
    response: Type.String({ description: 'The bytes' }),
    mediaType: 'application/octet-stream',
    errors: ['lease_lost'],
  },
  deleteParts: {
    method: 'DELETE',
    path: `${jobPath}/parts`,
    access: service,
    summary: 'Delete the parts of a job that stops for good',
    params,
    query: closed(holder),
    status: 204,
    errors: ['lease_lost'],
  },
});
