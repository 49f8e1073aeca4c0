import { AppError } from '@platen/chassis/http/app-error';
import type { OutputOf, QueryOf } from '@platen/schema/contract';
import { type ExportPayload, type exportRows, maxExportPageRows } from '@platen/schema/contracts/internal/export-rows';
import type { JobCall } from '../job-files/index.js';
import { findHeldJob } from '../jobs/index.js';
import * as repo from './repo.js';
import { sources } from './sources/index.js';

/** The next rows of an export, in the scope of whoever asked for it. @throws AppError not_found, lease_lost, conflict */
export async function listExportRows(
  { db, id, holder }: JobCall,
  { after, limit = maxExportPageRows }: Pick<QueryOf<typeof exportRows.list>, 'after' | 'limit'>,
): Promise<OutputOf<typeof exportRows.list>> {
  const job = await findHeldJob(db, id, holder);
  if (job.kind !== 'export') throw new AppError('not_found', 'This job has no rows');
  // Written by `createExport`, in the shape of its type.
  const payload = job.payload as ExportPayload;
  const places = placesOf(payload);
  const [total, page] = await Promise.all([
    after === undefined ? repo.countRows(db.leased, payload) : null,
    repo.listRows(db.leased, payload, limit, after),
  ]);
  return {
    rows: page.rows.map((cells) => places.map((place) => cells[place] ?? null)),
    next: page.row_count < limit ? null : page.last_id,
    total,
  };
}

/** Where the chosen columns are among all. */
function placesOf({ resource, columns }: ExportPayload): number[] {
  const all = Object.keys(sources[resource].columns);
  return columns.map(({ key }) => {
    const place = all.indexOf(key);
    if (place === -1) throw new AppError('conflict', `There is no column ${key} any more: ask for the export again`);
    return place;
  });
}
