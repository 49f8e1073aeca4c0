import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { jobEvents } from '../../events/job.js';
import { jobKinds, jobStatuses } from '../../states/job.js';
import { closed, IdParams, literals, page, pageQuery, streamQuery } from '../shapes.js';
import { Job } from './job-shapes.js';

const jobPath = '/api/erp/jobs/:id';

export const jobs = contracts('erp.jobs', {
  list: {
    method: 'GET',
    path: '/api/erp/jobs',
    access: requires('erp.job.read'),
    summary: 'List jobs, newest first',
    query: closed({
      ...pageQuery,
      kind: Type.Optional(literals(jobKinds)),
      status: Type.Optional(literals(jobStatuses)),
      /** Those that the caller asked for. */
      mine: Type.Optional(Type.Literal(true)),
    }),
    status: 200,
    response: page(Job),
    paged: true,
  },
  get: {
    method: 'GET',
    path: jobPath,
    access: requires('erp.job.read'),
    summary: 'Get a job: how far it is, and what it made',
    params: IdParams,
    status: 200,
    response: Job,
    versioned: true,
  },
  cancel: {
    method: 'POST',
    path: `${jobPath}/cancel`,
    access: requires('erp.job.cancel'),
    summary: 'Cancel a job',
    description:
      'A queued one is cancelled at once. A running one is told, and is `cancelled` when its worker has stopped, some seconds later; what it has done by then stays. If it is done first, it has `succeeded`.',
    params: IdParams,
    status: 200,
    response: Job,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch'],
  },
  retry: {
    method: 'POST',
    path: `${jobPath}/retry`,
    access: requires('erp.job.cancel'),
    consults: [
      'erp.quote.write',
      'erp.dn_connection.write',
      'erp.dn_import.run',
      'erp.dn_import.undo',
      'erp.dn_call.write',
    ],
    summary: 'Have a failed job tried again',
    description:
      'It goes on where it was. Its automatic tries are counted anew. A repricing that applies its prices takes the permission to write quotes here too, and a job of a DecoNetwork connection the permission to ask for it.',
    params: IdParams,
    status: 200,
    response: Job,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'busy'],
  },
  events: {
    method: 'GET',
    path: `${jobPath}/events`,
    access: requires('erp.job.read'),
    summary: 'Follow a job to its end',
    description:
      'Server-sent events, the first of them the job as it is, unless a position is named: then what came after it. The stream is over when the job has succeeded, failed or been cancelled: close it then.',
    params: IdParams,
    query: closed(streamQuery),
    status: 200,
    response: Type.String({ description: 'The stream' }),
    mediaType: 'text/event-stream',
    navigable: true,
    events: jobEvents,
    ends: ['erp.job.succeeded', 'erp.job.failed', 'erp.job.cancelled'],
    errors: ['busy'],
  },
  allEvents: {
    method: 'GET',
    path: '/api/erp/jobs/events',
    access: requires('erp.job.read'),
    summary: 'Follow all jobs of this context',
    description:
      'Server-sent events. An event of a version that the reader knows, or of an earlier one, says nothing new. After `reset`, list the jobs anew.',
    query: closed(streamQuery),
    status: 200,
    response: Type.String({ description: 'The stream' }),
    mediaType: 'text/event-stream',
    navigable: true,
    events: jobEvents,
    errors: ['busy'],
  },
});
