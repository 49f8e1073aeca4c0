import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '@platen/chassis/http/app-error';
import { type JobFile, jobFileTypes, maxPartBytes } from '@platen/schema/contracts/internal/job-files';
import type { StorageProvider } from '../../storage/storage.js';
import {
  addUsedBytes,
  bound,
  byteLimitOf,
  findUsedBytes,
  finishDeletion,
  insertFile,
  isWithoutRow,
  keysOf,
  limitReached,
  markFile,
  partKeyOf,
} from '../files/index.js';
import { findHeldJob, lockHeldJob } from '../jobs/index.js';
import * as repo from './repo.js';
import type { JobCall } from './work-call.js';

/** What a running job has stored. Every method throws AppError not_found, lease_lost. */
export interface JobFileService {
  list(call: JobCall): Promise<{ file: JobFile | null; parts: PartSummary[] }>;
  put(call: JobCall, fileName: string, body: Readable): Promise<JobFile>;
  putPart(call: JobCall, part: number, rowCount: number, body: Readable): Promise<PartSummary>;
  getPart(call: JobCall, part: number): Promise<Readable>;
  deleteParts(call: JobCall): Promise<void>;
}

type PartSummary = Omit<repo.PartRow, 'storage_key'>;

export function createJobFiles({ storage }: { readonly storage: StorageProvider }): JobFileService {
  return {
    async list({ db, id, holder }) {
      await findHeldJob(db, id, holder);
      const [file = null, parts] = await Promise.all([repo.findJobFile(db, id), repo.listParts(db, id)]);
      return { file, parts: parts.map(({ storage_key: _key, ...part }) => part) };
    },

    async put(call, fileName, body) {
      await findHeldJob(call.db, call.id, call.holder);
      const limit = byteLimitOf(call.tenant);
      const room = limit === null ? null : limit - (await findUsedBytes(call.db, call.tenant.id));
      const bounded = room === null ? body : bound(body, room, () => limitReached(limit));
      const fileId = call.ctx.newId();
      const { content: key } = keysOf(call.tenant.id, call.organizationId, fileId);
      const mediaType = mediaTypeOf(fileName);
      const stored = await storeWithRow(storage, call, { key, mediaType, body: bounded }, (written) =>
        replaceFile(call, { ...written, file_id: fileId, file_name: fileName, key, mediaType }),
      );
      if (stored.file.file_id !== fileId) await deleteBytes(storage, call, [key]);
      await deleteBytes(storage, call, stored.partKeys);
      if (stored.replaced) await finishDeletion(storage, call.db.leased, stored.replaced);
      return stored.file;
    },

    async putPart(call, part, rowCount, body) {
      await findHeldJob(call.db, call.id, call.holder);
      const key = partKeyOf(call.tenant.id, call.organizationId, call.ctx.newId());
      const bounded = bound(body, maxPartBytes, () => new AppError('body_too_large'));
      const object = { key, mediaType: 'application/octet-stream', body: bounded };
      const { row, replaced } = await storeWithRow(storage, call, object, ({ byteSize }) =>
        replacePart(call, { part, storage_key: key, byte_size: byteSize, row_count: rowCount }),
      );
      await deleteBytes(storage, call, replaced);
      return row;
    },

    async getPart({ db, id, holder }, part) {
      await findHeldJob(db, id, holder);
      const row = await repo.findPart(db, id, part);
      const bytes = row && (await storage.get(row.storage_key));
      if (!bytes) throw new AppError('not_found', `There is no part ${part}`);
      return bytes;
    },

    async deleteParts(call) {
      const keys = await call.db.transaction(async (tx) => {
        await lockHeldJob(tx, call.id, call.holder);
        return repo.deleteParts(tx, call.id);
      });
      await deleteBytes(storage, call, keys);
    },
  };
}

/** The contract lets no other name in. */
const mediaTypeOf = (fileName: string): string =>
  jobFileTypes[extname(fileName).slice(1) as keyof typeof jobFileTypes] ?? 'application/octet-stream';

interface Written {
  readonly byteSize: number;
  readonly sha256: string;
}

/** The bytes first, then what refers to them; without that, the bytes go again. */
async function storeWithRow<R>(
  storage: StorageProvider,
  call: JobCall,
  { key, mediaType, body }: { readonly key: string; readonly mediaType: string; readonly body: Readable },
  write: (written: Written) => Promise<R>,
): Promise<R> {
  try {
    return await write(await storage.put(key, body, mediaType));
  } catch (error) {
    if (isWithoutRow(error)) await deleteBytes(storage, call, [key]);
    throw error;
  } finally {
    body.destroy();
  }
}

/** The file's row in the place of an earlier one; the parts that it was made of are done with. */
const replaceFile = (
  { db, id, tenant, organizationId, holder }: JobCall,
  { byteSize, sha256, file_id, file_name, key, mediaType }: Written & Omit<JobFile, 'byte_size'> & NewObject,
) =>
  db.transaction(async (tx) => {
    const job = await lockHeldJob(tx, id, holder);
    const [earlier, partKeys] = [await repo.findJobFile(tx, id), await repo.deleteParts(tx, id)];
    if (earlier?.sha256 === sha256 && earlier.file_name === file_name) return { file: earlier, partKeys };
    const replaced = earlier && (await markFile(tx, earlier.file_id));
    await insertFile(tx, {
      tenantId: tenant.id,
      organizationId,
      workspaceId: job.workspace_id,
      id: file_id,
      storageKey: key,
      thumbnailKey: null,
      fileName: file_name,
      mediaType,
      byteSize,
      sha256,
      imageWidth: null,
      imageHeight: null,
      ownerKind: 'job',
      ownerId: id,
      // Of what an event asked for, nobody is the author but who made it.
      uploadedBy: job.requested_by ?? holder.owner,
    });
    const limit = byteLimitOf(tenant);
    if (!(await addUsedBytes(tx, tenant.id, byteSize, limit))) throw limitReached(limit);
    return { file: { file_id, file_name, byte_size: byteSize, sha256 }, partKeys, ...(replaced && { replaced }) };
  });
interface NewObject {
  readonly key: string;
  readonly mediaType: string;
}

const replacePart = ({ db, id, tenant, organizationId, holder }: JobCall, row: repo.PartRow) =>
  db.transaction(async (tx) => {
    const job = await lockHeldJob(tx, id, holder);
    const replaced = await repo.deleteParts(tx, id, row.part);
    await repo.insertPart(tx, {
      ...row,
      tenantId: tenant.id,
      organizationId,
      workspaceId: job.workspace_id,
      jobId: id,
    });
    const { storage_key: _key, ...summary } = row;
    return { row: summary, replaced };
  });

/** What stays behind is swept, a day later. */
async function deleteBytes(storage: StorageProvider, { ctx }: JobCall, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await storage.delete(key).catch((error: unknown) => ctx.log.warn({ error }, 'bytes of a job stay'));
  }
}
