import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { StorageProvider } from '../../storage/storage.js';
import type { TenantCtx } from '../module.js';
import type { Pictures } from './pictures.js';
import { findFileContent } from './repo.js';

/** What is read whole; of a larger picture, its small copy. */
const maxBytes = 2 * 1024 * 1024;

export type ReadPicture = (
  of: { readonly db: Queryable; readonly tenant: Pick<TenantCtx['tenant'], 'id'> },
  id: string,
  within: { readonly width: number; readonly height: number },
) => Promise<Buffer | null>;

/** A picture as PNG, for what prints it; null: none that the scope sees, or no picture. */
export function createReadPicture(storage: StorageProvider, pictures: Pictures): ReadPicture {
  return async ({ db, tenant }, id, within) => {
    const file = await findFileContent(db, id);
    if (!file?.media_type.startsWith('image/') || file.thumbnail_key === null) return null;
    const key = file.byte_size <= maxBytes ? file.storage_key : file.thumbnail_key;
    const open = async () => {
      const stream = await storage.get(key);
      if (!stream) throw new AppError('not_found');
      return stream;
    };
    return pictures.toPng(tenant.id, open, within);
  };
}
