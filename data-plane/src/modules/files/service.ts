import { DatabaseError, sqlstates } from '@platen/chassis/db/errors';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { Download } from '@platen/chassis/http/download';
import { readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { Upload } from '@platen/chassis/http/upload';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { files } from '@platen/schema/contracts/data/files';
import contentDisposition from 'content-disposition';
import type { StorageProvider } from '../../storage/storage.js';
import type { TenantCtx } from '../module.js';
import { requireBoth } from './owners.js';
import * as repo from './repo.js';
import { type UploadDeps, uploadFile } from './upload-file.js';

export interface FileService {
  upload(ctx: TenantCtx, body: BodyOf<typeof files.upload>, upload: Upload): Promise<RawJson>;
  list(ctx: TenantCtx, query: QueryOf<typeof files.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  content(ctx: TenantCtx, id: string, thumbnail: boolean): Promise<Download>;
  delete(ctx: TenantCtx, id: string): Promise<void>;
}

/**
 * Of one tenant, in one process. What is on its way counts against the plan only when it is there: without a bound, what
 * is sent at once could fill the storage of everybody.
 */
const maxUploadsAtOnce = 16;

/** Long enough for a redirect to be followed; a link that leaks is worth little. */
const linkTtlSeconds = 60;

/** Asked before a job's file is handed out. @throws AppError when the caller may not have what is in it */
export type RequireJobFile = (ctx: TenantCtx, jobId: string) => Promise<void>;

export function createFileService(
  deps: UploadDeps & { readonly cursors: Cursors; readonly requireJobFile: RequireJobFile },
): FileService {
  const { storage, cursors } = deps;
  const uploading = new Map<string, number>();
  return {
    async upload(ctx, body, upload) {
      const { id } = ctx.tenant;
      const others = uploading.get(id) ?? 0;
      if (others >= maxUploadsAtOnce) throw new AppError('busy', 'Many files are being sent', { retryAfterSeconds: 5 });
      uploading.set(id, others + 1);
      try {
        return await uploadFile(deps, ctx, body, upload);
      } finally {
        const left = (uploading.get(id) ?? 1) - 1;
        if (left > 0) uploading.set(id, left);
        else uploading.delete(id);
      }
    },

    list(ctx, { owner_kind: kind, owner_id: id, ...query }) {
      requireBoth(kind, id, '/query');
      return kind === undefined || id === undefined
        ? readPage(ctx, cursors, repo.filePage, query)
        : readPage(ctx, cursors, repo.ownedFilePage, query, [kind, id]);
    },

    async get(ctx, id) {
      const json = await repo.findFile(ctx.db, id);
      if (json === undefined) throw new AppError('not_found');
      return new RawJson(json);
    },

    async content(ctx, id, thumbnail) {
      const file = await repo.findFileContent(ctx.db, id);
      if (!file) throw new AppError('not_found');
      if (file.owner_kind === 'job' && file.owner_id !== null) await deps.requireJobFile(ctx, file.owner_id);
      return thumbnail ? thumbnailOf(storage, file) : contentOf(storage, file);
    },

    async delete(ctx, id) {
      const marked = await ctx.write((tx) => orInUse(repo.markFile(tx, id)));
      if (!marked) throw new AppError('not_found');
      await finishDeletion(storage, ctx.db.leased, marked);
    },
  };
}

/** The bytes, then the row with what it counts: after a failure between them the mark is still there to go on from. */
export async function finishDeletion(storage: StorageProvider, db: Queryable, file: repo.MarkedFile): Promise<void> {
  await storage.delete(file.storage_key);
  if (file.thumbnail_key !== null) await storage.delete(file.thumbnail_key);
  await repo.deleteMarkedFile(db, file.id);
}

const contentOf = async (storage: StorageProvider, file: repo.FileContent): Promise<Download> => {
  const shown = { mediaType: file.media_type, contentDisposition: attachment(file.file_name) };
  return new Download({
    ...shown,
    byteSize: file.byte_size,
    etag: `"${file.sha256}"`,
    location: await storage.signedUrl(file.storage_key, { ...shown, ttlSeconds: linkTtlSeconds }),
    open: async (range) => found(await storage.get(file.storage_key, range)),
  });
};

async function thumbnailOf(storage: StorageProvider, file: repo.FileContent): Promise<Download> {
  const key = file.thumbnail_key;
  if (key === null) throw new AppError('not_found', 'There is no thumbnail of this file');
  const name = `${file.file_name.replace(/\.[^.]*$/, '')}.thumbnail.webp`;
  const shown = { mediaType: 'image/webp', contentDisposition: attachment(name) };
  const location = await storage.signedUrl(key, { ...shown, ttlSeconds: linkTtlSeconds });
  return new Download({
    ...shown,
    byteSize: location === null ? found(await storage.stat(key)).byteSize : 0,
    etag: `"${file.sha256}-thumbnail"`,
    location,
    open: async (range) => found(await storage.get(key, range)),
  });
}

/** The name as it is in `filename*`, and for old clients one in ASCII: a header in Latin-1 does not survive every storage. */
const attachment = (name: string): string => contentDisposition(name, { fallback: name.replace(/[^ -~]/g, '_') });

/** Deleted since the row was read. */
function found<T>(object: T | undefined): T {
  if (object === undefined) throw new AppError('not_found');
  return object;
}

async function orInUse<R>(work: Promise<R>): Promise<R> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlstate === sqlstates.foreignKeyViolation) {
      throw new AppError('in_use', 'A design or a picture of a product refers to it', { cause: error });
    }
    throw error;
  }
}
