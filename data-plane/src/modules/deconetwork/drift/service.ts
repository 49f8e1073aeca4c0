import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { dnDrift } from '@platen/schema/contracts/data/dn-drift';
import { foundJson } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import { requireActive } from '../connections/require-active.js';
import { listOpenDnJobs, requestDnJob } from '../dn-jobs.js';
import { findImportJob, importRowPage, type RowFilter } from '../imports/repo.js';
import { slowly } from '../imports/service.js';
import { lockOwnConnection } from '../imports/usable-connection.js';
import { findNewestComparison } from './repo.js';

export interface DriftService {
  start(ctx: TenantCtx, body: BodyOf<typeof dnDrift.start>): Promise<RawJson>;
  list(ctx: TenantCtx, query: QueryOf<typeof dnDrift.list>): Promise<RawJson>;
}

export const createDriftService = ({ cursors }: { readonly cursors: Cursors }): DriftService => ({
  start: (ctx, { connection_id: connectionId, kinds, modified_from: modifiedFrom = null }) =>
    ctx.write(async (tx) => {
      const connection = await lockOwnConnection(tx, ctx, connectionId, '/body/connection_id');
      requireActive(connection);
      const open = (await listOpenDnJobs(tx, connectionId)).find(({ task }) => task !== 'test' && task !== 'write');
      if (open) {
        throw new AppError('in_use', 'A job of this connection is open already', { extensions: { job_id: open.id } });
      }
      const wanted = { task: 'compare', kinds: kinds ?? connection.kinds, modifiedFrom } as const;
      const { id } = await requestDnJob(tx, ctx, connection, wanted);
      return foundJson(await findImportJob(tx, id));
    }),

  async list(ctx, { connection_id: connectionId, limit, cursor, ...filters }) {
    const id = await findNewestComparison(ctx.db, connectionId);
    if (id === undefined) return new RawJson('{"comparison":null,"items":[],"next_cursor":null}');
    const query: PageQuery = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
    const given: Readonly<Partial<Record<RowFilter, string>>> = filters;
    const used = rowFilters.filter((name) => given[name] !== undefined);
    const values = [id, ...used.map((name) => given[name] ?? null)];
    const [job, page] = await Promise.all([
      findImportJob(ctx.db, id),
      // The cursor is good for this comparison: with a newer one, reading begins anew.
      readPage(slowly(ctx), cursors, importRowPage(used), query, values),
    ]);
    return new RawJson(`{"comparison":${job?.json ?? 'null'},${page.text.slice(1)}`);
  },
});

/** In the order in which statements are named. */
const rowFilters: readonly RowFilter[] = ['dn_id', 'kind', 'outcome'];
