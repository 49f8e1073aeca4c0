import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { dnImportJobs } from '@platen/schema/contracts/data/dn-imports';
import { foundJson } from '../../../stored-json.js';
import type { TenantCtx } from '../../module.js';
import type { DnConnectionRow } from '../connections/find.js';
import { lockOwnConnection } from '../connections/own-connection.js';
import { requireActive } from '../connections/require-active.js';
import { listRows } from './list-rows.js';
import {
  countRowsToRework,
  findImportHead,
  findImportJob,
  findImportRow,
  listImportJobs,
  type ReworkTask,
} from './repo.js';
import { requestImport } from './request-import.js';

type Wanted = BodyOf<typeof dnImportJobs.create>;

export interface ImportService {
  list(ctx: TenantCtx, query: QueryOf<typeof dnImportJobs.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, wanted: Wanted): Promise<RawJson>;
  rows(ctx: TenantCtx, id: string, query: QueryOf<typeof dnImportJobs.rows>): Promise<RawJson>;
  row(ctx: TenantCtx, id: string, rowId: string): Promise<RawJson>;
  /** @throws AppError illegal_transition while it runs, or of a dry run */
  rework(ctx: TenantCtx, id: string, task: ReworkTask): Promise<RawJson>;
  sync(ctx: TenantCtx, connectionId: string): Promise<RawJson>;
}

/** `planInventory`: what a synchronization writes back, in its transaction. */
export function createImportService(deps: {
  readonly cursors: Cursors;
  readonly planInventory: (tx: Tx, ctx: TenantCtx, connection: DnConnectionRow) => Promise<void>;
}): ImportService {
  return {
    list: (ctx, { connection_id, task, status, ...query }) =>
      listImportJobs(ctx, deps.cursors, query, { connection_id, task, status }),

    get: async (ctx, id) => foundJson(await findImportJob(ctx.db, id)),

    async rows(ctx, id, query) {
      if (!(await findImportHead(ctx.db, id))) throw new AppError('not_found');
      return listRows(ctx, deps.cursors, id, query);
    },

    async row(ctx, id, rowId) {
      const json = await findImportRow(ctx.db.leased, id, rowId);
      if (json === undefined) throw new AppError('not_found');
      return new RawJson(json);
    },

    create(ctx, wanted) {
      requireWindow(wanted);
      return ctx.write(async (tx) => {
        const connection = await lockOwnConnection(tx, ctx, wanted.connection_id, '/body/connection_id');
        requireActive(connection);
        return requestImport(tx, ctx, connection, {
          task: 'import',
          kinds: wanted.kinds ?? connection.kinds,
          createMissing: wanted.create_missing ?? connection.create_missing,
          dryRun: wanted.dry_run ?? false,
          modifiedFrom: wanted.modified_from ?? null,
          modifiedTo: wanted.modified_to ?? null,
        });
      });
    },

    sync: (ctx, connectionId) =>
      ctx.write(async (tx) => {
        const connection = await lockOwnConnection(tx, ctx, connectionId, '/body/connection_id');
        requireActive(connection);
        await deps.planInventory(tx, ctx, connection);
        const { kinds, create_missing: createMissing } = connection;
        return requestImport(tx, ctx, connection, { task: 'sync', kinds, createMissing });
      }),

    rework: (ctx, id, task) =>
      ctx.write(async (tx) => {
        const head = await findImportHead(tx, id);
        if (!head) throw new AppError('not_found');
        // Nothing is asked of the site: a paused connection is good enough.
        const connection = await lockOwnConnection(tx, ctx, head.connection_id);
        requireReworkable(head.task, head.dry_run, head.status);
        const { rows } = await countRowsToRework(tx, id, task, null);
        return requestImport(tx, ctx, connection, {
          task,
          kinds: head.kinds,
          createMissing: head.create_missing,
          ofJobId: id,
          totalHint: rows,
        });
      }),
  };
}

/** One that ends before it begins has nothing in it, and would succeed. @throws AppError validation_failed */
function requireWindow({ modified_from: from, modified_to: to }: Wanted): void {
  if (from === undefined || to === undefined || Date.parse(from) <= Date.parse(to)) return;
  const fields = [{ path: '/body/modified_to', message: 'is before modified_from' }];
  throw new AppError('validation_failed', undefined, { fields });
}

/** @throws AppError illegal_transition */
function requireReworkable(task: string, isDryRun: boolean, status: string): void {
  const refuse = (message: string) => {
    throw new AppError('illegal_transition', message, { extensions: { current: status, allowed: [] } });
  };
  if (isDryRun) refuse('A dry run changed nothing');
  if (task === 'undo' || task === 'compare') refuse('Only an import is tried again or undone');
  if (status === 'queued' || status === 'running') refuse('The import is not finished');
}
