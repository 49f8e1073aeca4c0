import type { S3Options } from './s3-storage.js';
import type { ByteRange, SignedUrlOptions, StorageProvider } from './storage.js';

export type StorageConfig = { readonly kind: 'local'; readonly folder: string } | ({ readonly kind: 's3' } & S3Options);

/** The local folder is looked at now, so that a start sweeps what an end without warning left. */
export async function openStorage(config: StorageConfig): Promise<StorageProvider> {
  if (config.kind === 's3') return openLater('s3', async () => (await import('./s3-storage.js')).openS3Storage(config));
  const { openLocalStorage } = await import('./local-storage.js');
  return openLocalStorage(config.folder);
}

/** Amazon's client is a sixth of a second and 25 MB: the first file pays for it, and a process without files never. */
export function openLater(kind: StorageProvider['kind'], open: () => Promise<StorageProvider>): StorageProvider {
  let opened: Promise<StorageProvider> | undefined;
  const storage = () => {
    opened ??= open();
    return opened;
  };
  return {
    kind,
    put: async (key, body, mediaType) => (await storage()).put(key, body, mediaType),
    get: async (key: string, range?: ByteRange) => (await storage()).get(key, range),
    stat: async (key) => (await storage()).stat(key),
    delete: async (key) => (await storage()).delete(key),
    signedUrl: async (key: string, options: SignedUrlOptions) => (await storage()).signedUrl(key, options),
    async *list(prefix) {
      yield* (await storage()).list(prefix);
    },
    deletePrefix: async (prefix) => (await storage()).deletePrefix(prefix),
    deleteUnfinished: async (before) => (await storage()).deleteUnfinished(before),
    close: async () => (await opened)?.close(),
  };
}
