import { buffer } from 'node:stream/consumers';
import type { Queryable } from '@platen/chassis/db/types';
import type { StorageProvider } from '../../storage/storage.js';
import { findFileContent } from './repo.js';

/** What is read whole; of a larger picture, its small copy. */
const maxBytes = 2 * 1024 * 1024;

/** A picture's bytes, for what prints it; null: none that the scope sees, or no picture. */
export async function readPicture(storage: StorageProvider, db: Queryable, id: string): Promise<Buffer | null> {
  const file = await findFileContent(db, id);
  if (!file?.media_type.startsWith('image/') || file.thumbnail_key === null) return null;
  const stream = await storage.get(file.byte_size <= maxBytes ? file.storage_key : file.thumbnail_key);
  return stream ? buffer(stream) : null;
}
