import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { dnImportTasks, dnOutcomes, dnRecordKinds } from '../../states/deconetwork.js';
import { jobStatuses } from '../../states/job.js';
import { closed, Id, IdParams, literals, page, pageQuery, Timestamp } from '../shapes.js';
import { DnCreateMissing, DnId, DnImportJob, DnImportRow, DnImportRowDetail, DnKinds } from './dn-shapes.js';

const conflicts = ['context_not_allowed', 'in_use', 'busy'] as const;
const RowParams = closed({ id: Id, row_id: Id });

export const dnImportJobs = contracts('erp.dn.importJobs', {
  list: {
    method: 'GET',
    path: '/api/erp/dn/import-jobs',
    access: requires('erp.dn_import.read'),
    summary: 'List what was read from DecoNetwork, newest first',
    query: closed({
      ...pageQuery,
      connection_id: Type.Optional(Id),
      task: Type.Optional(literals(dnImportTasks)),
      status: Type.Optional(literals(jobStatuses)),
    }),
    status: 200,
    response: page(DnImportJob),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/dn/import-jobs/:id',
    access: requires('erp.dn_import.read'),
    summary: 'Get an import with its counts so far',
    description:
      'The id is the job’s: `GET /api/erp/jobs/:id/events` follows it, `POST /api/erp/jobs/:id/cancel` stops it.',
    params: IdParams,
    status: 200,
    response: DnImportJob,
  },
  create: {
    method: 'POST',
    path: '/api/erp/dn/import-jobs',
    access: requires('erp.dn_import.run'),
    summary: 'Import records of a site, or see what an import would do',
    description:
      'A job. With `dry_run` nothing is written but the rows that say what would be. What names something that is not mapped waits for review, unless `create_missing` says to make it. One at a time for each connection.',
    body: closed({
      connection_id: Id,
      /** What to read; without it, what the connection synchronizes. */
      kinds: Type.Optional(DnKinds),
      /** Changed at the site since then; without it, everything. */
      modified_from: Type.Optional(Timestamp),
      modified_to: Type.Optional(Timestamp),
      dry_run: Type.Optional(Type.Boolean({ default: false })),
      /** Without it, as the connection says. */
      create_missing: Type.Optional(DnCreateMissing),
    }),
    status: 201,
    response: DnImportJob,
    errors: ['unknown_reference', 'dn_unavailable', ...conflicts],
  },
  rows: {
    method: 'GET',
    path: '/api/erp/dn/import-jobs/:id/rows',
    access: requires('erp.dn_import.read'),
    summary: 'List what became of each record, in the order in which they were read',
    description:
      'Records that were as they are leave no row. Of a long list in a record the first 20 items are compared one by one; `variants.21+` among the changes says how many others each side has, where the list differs. The row itself has all.',
    params: IdParams,
    query: closed({
      ...pageQuery,
      outcome: Type.Optional(literals(dnOutcomes)),
      kind: Type.Optional(literals(dnRecordKinds)),
      dn_id: Type.Optional(DnId),
    }),
    status: 200,
    response: page(DnImportRow),
    paged: true,
  },
  row: {
    method: 'GET',
    path: '/api/erp/dn/import-jobs/:id/rows/:row_id',
    access: requires('erp.dn_import.read'),
    summary: 'Get a row with the site’s record as it came',
    params: RowParams,
    status: 200,
    response: DnImportRowDetail,
  },
  retry: {
    method: 'POST',
    path: '/api/erp/dn/import-jobs/:id/retry',
    access: requires('erp.dn_import.run'),
    summary: 'Try the failed rows of an import again, and those that waited for review',
    description: 'A job of its own, which applies the records as they were read. Nothing is asked of the site.',
    params: IdParams,
    status: 201,
    response: DnImportJob,
    errors: ['illegal_transition', ...conflicts],
  },
  undo: {
    method: 'POST',
    path: '/api/erp/dn/import-jobs/:id/undo',
    access: requires('erp.dn_import.undo'),
    summary: 'Undo an import, row by row',
    description:
      'A job of its own: what the import made is deleted, what it changed is put back. A record that changed since is refused, and its row says so. The site is not told.',
    params: IdParams,
    status: 201,
    response: DnImportJob,
    errors: ['illegal_transition', ...conflicts],
  },
});

export const dnSync = contracts('erp.dn.sync', {
  start: {
    method: 'POST',
    path: '/api/erp/dn/sync',
    access: requires('erp.dn_import.run'),
    summary: 'Synchronize with a site now',
    description:
      'Reads what changed there since the last time, a little overlap included. Where the connection writes stock levels back, they follow.',
    body: closed({ connection_id: Id }),
    status: 201,
    response: DnImportJob,
    errors: ['unknown_reference', 'dn_unavailable', ...conflicts],
  },
});
