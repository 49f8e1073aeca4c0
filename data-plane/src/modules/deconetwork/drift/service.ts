import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { dnDrift } from '@platen/schema/contracts/data/dn-drift';
import type { TenantCtx } from '../../module.js';
import { lockOwnConnection } from '../connections/own-connection.js';
import { requireActive } from '../connections/require-active.js';
import { listRows } from '../imports/list-rows.js';
import { findImportJob } from '../imports/repo.js';
import { requestImport } from '../imports/request-import.js';
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
      const wanted = { task: 'compare', kinds: kinds ?? connection.kinds, modifiedFrom } as const;
      return requestImport(tx, ctx, connection, wanted);
    }),

  async list(ctx, { connection_id: connectionId, ...query }) {
    const id = await findNewestComparison(ctx.db, connectionId);
    if (id === undefined) return new RawJson('{"comparison":null,"items":[],"next_cursor":null}');
    // The cursor is good for this comparison: with a newer one, reading begins anew.
    const [job, page] = await Promise.all([findImportJob(ctx.db, id), listRows(ctx, cursors, id, query)]);
    return new RawJson(`{"comparison":${job?.json ?? 'null'},${page.text.slice(1)}`);
  },
});
