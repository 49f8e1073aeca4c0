import { Readable } from 'node:stream';
import { DatabaseError } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { Upload } from '@platen/chassis/http/upload';
import type { BodyOf } from '@platen/schema/contract';
import type { files } from '@platen/schema/contracts/data/files';
import type { StorageProvider, WrittenObject } from '../../storage/storage.js';
import { actorOf } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { readFileName } from './file-name.js';
import { detectFileType, type FileType, headByteSize } from './file-type.js';
import { keysOf } from './keys.js';
import { findOwner } from './owners.js';
import { bound, peek } from './peek.js';
import type { Picture, Pictures } from './pictures.js';
import { insertFile, type NewFile } from './repo.js';
import { addUsedBytes, byteLimitOf, findUsedBytes, limitReached } from './usage.js';

export interface UploadDeps {
  readonly storage: StorageProvider;
  readonly pictures: Pictures;
  readonly maxFileBytes: number;
}

/**
 * The bytes first, then the row: a file that can be found has all of its bytes. Whatever goes wrong in between takes the
 * bytes back; what a killed process leaves is swept.
 * @throws AppError validation_failed, unknown_reference, body_too_large, limit_reached, file_type_unacceptable, busy
 */
export async function uploadFile(
  deps: UploadDeps,
  ctx: TenantCtx,
  body: BodyOf<typeof files.upload>,
  upload: Upload,
): Promise<RawJson> {
  const { storage } = deps;
  const organizationId = ctx.organizationId;
  if (organizationId === null) throw new AppError('context_required');
  const fileName = readFileName(upload.fileName);
  const owner = await findOwner(ctx, body.owner_kind, body.owner_id);
  const id = ctx.newId();
  const keys = keysOf(ctx.tenant.id, organizationId, id);
  try {
    const { type, written } = await store(deps, ctx, upload.file, fileName, keys.content);
    const picture = type.isPicture ? await readPicture(deps, ctx.tenant.id, keys.content) : null;
    const hasThumbnail = picture !== null && picture.thumbnail !== null;
    if (picture?.thumbnail) await storage.put(keys.thumbnail, Readable.from([picture.thumbnail]), 'image/webp');
    const row = {
      tenantId: ctx.tenant.id,
      organizationId,
      workspaceId: owner.workspaceId,
      id,
      storageKey: keys.content,
      thumbnailKey: hasThumbnail ? keys.thumbnail : null,
      fileName,
      mediaType: type.mediaType,
      byteSize: written.byteSize,
      sha256: written.sha256,
      imageWidth: picture?.width ?? null,
      imageHeight: picture?.height ?? null,
      ownerKind: owner.kind,
      ownerId: owner.id,
      uploadedBy: actorOf(ctx),
    };
    return new RawJson(await writeRow(ctx, row));
  } catch (error) {
    if (isWithoutRow(error)) await takeBack(deps, ctx, [keys.content, keys.thumbnail]);
    throw error;
  }
}

async function store(
  { storage, maxFileBytes }: UploadDeps,
  ctx: TenantCtx,
  file: Readable,
  fileName: string,
  key: string,
): Promise<{ type: FileType; written: WrittenObject }> {
  const limit = byteLimitOf(ctx.tenant);
  // Whoever is out of room learns it before sending all of it; the transaction has the last word.
  const room = limit === null ? Number.POSITIVE_INFINITY : limit - (await findUsedBytes(ctx.db, ctx.tenant.id));
  const { head, body } = await peek(file, headByteSize);
  try {
    const type = await detectFileType(head, fileName);
    if (type === undefined) throw new AppError('file_type_unacceptable');
    const bounded = bound(body, Math.min(maxFileBytes, room), () =>
      room < maxFileBytes ? limitReached(limit) : new AppError('body_too_large'),
    );
    return { type, written: await storage.put(key, bounded, type.mediaType) };
  } finally {
    body.destroy();
  }
}

const readPicture = ({ storage, pictures }: UploadDeps, tenantId: string, key: string): Promise<Picture> =>
  pictures.read(tenantId, async () => {
    const body = await storage.get(key);
    if (body === undefined) throw new Error('What was just stored is gone');
    return body;
  });

const writeRow = (ctx: TenantCtx, row: NewFile): Promise<string> =>
  ctx.write(async (tx) => {
    const json = await insertFile(tx, row);
    const limit = byteLimitOf(ctx.tenant);
    if (!(await addUsedBytes(tx, row.tenantId, row.byteSize, limit))) throw limitReached(limit);
    return json;
  });

/** A database that went away may have committed before it could say so: then the bytes stay, for the sweep to judge. */
export const isWithoutRow = (error: unknown): boolean =>
  error instanceof DatabaseError || !(error instanceof AppError) || error.code !== 'database_unavailable';

async function takeBack({ storage }: UploadDeps, ctx: TenantCtx, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await storage.delete(key).catch((error: unknown) => ctx.log.warn({ error }, 'bytes of a refused upload stay'));
  }
}
