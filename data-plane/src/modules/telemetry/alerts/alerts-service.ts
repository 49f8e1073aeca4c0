import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { QueryOf } from '@platen/schema/contract';
import type { alerts } from '@platen/schema/contracts/data/telemetry-alerts';
import { alertStates } from '@platen/schema/states/telemetry';
import { foundJson } from '../../../stored-json.js';
import { actorOf, requireMove, requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { tellAlert } from './alert-json.js';
import * as repo from './alerts-repo.js';

export interface AlertService {
  list(ctx: TenantCtx, query: QueryOf<typeof alerts.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  /** One of several who do so at once; the others find it done. */
  move(ctx: TenantCtx, id: string, to: 'acknowledged' | 'resolved', note: string | undefined): Promise<RawJson>;
}

export const createAlertService = (cursors: Cursors): AlertService => ({
  list(ctx, { limit, cursor, ...given }) {
    const used = repo.alertFilters.filter((name) => given[name] !== undefined);
    const query = { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
    const values = used.map((name) => given[name] ?? null);
    return readPage(ctx, cursors, repo.alertPage(used), query, values);
  },

  get: async (ctx, id) => foundJson(await repo.findAlert(ctx.db, id)),

  move: (ctx, id, to, note) =>
    ctx.write(async (tx) => {
      const found = await repo.lockAlert(tx, id);
      // One that is seen and not locked belongs to the whole organization, and is moved from there.
      if (found === undefined) throw new AppError((await repo.findAlert(tx, id)) ? 'context_not_allowed' : 'not_found');
      requireVersion(ctx, found.version);
      requireMove(alertStates, found.status, to);
      const by = { by: actorOf(ctx), at: ctx.now(), note: note ?? null };
      const written = await repo.updateAlert(tx, id, to, by);
      tellAlert(tx, ctx, `telemetry.alert.${to}`, written);
      return new RawJson(written.json, written.version);
    }),
});
