import type { StorageProvider } from '../../storage/storage.js';
import type { Module, ModuleDeps } from '../module.js';
import { prefixOf } from './keys.js';
import type { Pictures } from './pictures.js';
import { fileRoutes } from './routes.js';
import { createFileService, type RequireJobFile } from './service.js';

export { adoptFileSql } from './adopt-file.js';
export { deleteOwnedFiles } from './delete-owned.js';
export { keysOf, partKeyOf } from './keys.js';
export { bound } from './peek.js';
export { createPictures, type Pictures } from './pictures.js';
export { createReadPicture, type ReadPicture } from './read-picture.js';
export { findFileContent, insertFile, listFileKeys, listMarkedFiles, markFile } from './repo.js';
export { finishDeletion } from './service.js';
export { isWithoutRow } from './upload-file.js';
export { addUsedBytes, byteLimitOf, findUsedBytes, limitReached } from './usage.js';

export interface FileSettings {
  readonly storage: StorageProvider;
  /** The largest file that is taken. */
  readonly maxFileBytes: number;
}

export const filesModule = (
  { cursors }: ModuleDeps,
  settings: FileSettings & { readonly pictures: Pictures; readonly requireJobFile: RequireJobFile },
): Module => ({
  implementations: fileRoutes(createFileService({ ...settings, cursors })),
});

/** Everything of a tenant that is gone. How many objects went. @throws AppError dependency_unavailable */
export const purgeFiles = (storage: StorageProvider, tenantId: string): Promise<number> =>
  storage.deletePrefix(prefixOf(tenantId));
