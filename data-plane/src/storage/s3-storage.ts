import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Meter } from './meter.js';
import { orAway, requireKey, requirePrefix, type StorageProvider, type StoredObject, storageAway } from './storage.js';

export interface S3Options {
  /** Absent: Amazon's of the region. */
  readonly endpoint?: string | undefined;
  /** What signed links begin with, where browsers reach the storage by another name. Default: `endpoint`. */
  readonly publicEndpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The bucket in the path instead of the host: what most storages but Amazon's want. */
  readonly forcePathStyle: boolean;
}

/** Two parts of one upload are held in memory at a time: 10,000 parts are 80 GB, far beyond any limit here. */
const partByteSize = 8 * 1024 * 1024;
const partsAtOnce = 2;
const connectTimeoutMs = 3_000;
/** Without a byte either way. */
const idleTimeoutMs = 30_000;
const maxSockets = 64;

/** Objects of one bucket. This file is the only one that loads Amazon's client. */
export function openS3Storage(options: S3Options): StorageProvider {
  const { bucket: Bucket } = options;
  const client = clientAt(options, options.endpoint);
  // It signs and never calls.
  const linkClient = options.publicEndpoint === undefined ? client : clientAt(options, options.publicEndpoint);

  return {
    kind: 's3',

    async put(key, body, mediaType) {
      const meter = new Meter();
      const params = { Bucket, Key: requireKey(key), Body: Readable.from(meter.read(body)), ContentType: mediaType };
      // It aborts what it began when a part or the body fails, once no part is on its way any more.
      const upload = new Upload({ client, params, partSize: partByteSize, queueSize: partsAtOnce });
      try {
        await upload.done();
      } catch (error) {
        body.destroy();
        throw meter.failure === undefined ? storageAway(error) : meter.failure.error;
      }
      return meter.finish();
    },

    async get(key, range) {
      const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end}`;
      const found = await orMissing(client.send(new GetObjectCommand({ Bucket, Key: requireKey(key), Range })));
      // In Node the body is a Readable; the type covers browsers too.
      return found?.Body as Readable | undefined;
    },

    async stat(key) {
      const found = await orMissing(client.send(new HeadObjectCommand({ Bucket, Key: requireKey(key) })));
      return found && { key, byteSize: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) };
    },

    async delete(key) {
      await orMissing(client.send(new DeleteObjectCommand({ Bucket, Key: requireKey(key) })));
    },

    signedUrl: (key, { contentDisposition, mediaType, ttlSeconds }) =>
      orAway(
        getSignedUrl(
          linkClient,
          new GetObjectCommand({
            Bucket,
            Key: requireKey(key),
            ResponseContentDisposition: contentDisposition,
            ResponseContentType: mediaType,
            ResponseCacheControl: 'private, no-store',
          }),
          { expiresIn: ttlSeconds },
        ),
      ),

    list: (prefix) => listObjects(client, Bucket, prefix === '' ? '' : requirePrefix(prefix)),

    async deletePrefix(prefix) {
      let count = 0;
      for await (const keys of inBatches(listObjects(client, Bucket, requirePrefix(prefix)))) {
        await deleteObjects(client, Bucket, keys);
        count += keys.length;
      }
      return count;
    },

    deleteUnfinished: (before) => orAway(abortUploads(client, Bucket, before)),

    close: async () => {
      client.destroy();
      linkClient.destroy();
    },
  };
}

const clientAt = (
  { region, forcePathStyle, accessKeyId, secretAccessKey }: S3Options,
  endpoint: string | undefined,
): S3Client =>
  new S3Client({
    region,
    forcePathStyle,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 3,
    // Checksums of their own that many storages do not know; the connection and SHA-256 over the whole are checked here.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: idleTimeoutMs,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    },
    ...(endpoint !== undefined && { endpoint }),
  });

/** An object that is not there is an answer; everything else means that the storage is away. */
async function orMissing<R>(answer: Promise<R>): Promise<R | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound')) {
      return undefined;
    }
    throw storageAway(error);
  }
}

async function* listObjects(client: S3Client, Bucket: string, Prefix: string): AsyncGenerator<StoredObject> {
  let ContinuationToken: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await orAway(
      client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })),
    );
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, byteSize: Size ?? 0, modifiedAt: LastModified ?? new Date() };
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/** What one request may delete. */
const maxDeletions = 1000;

async function* inBatches(objects: AsyncIterable<StoredObject>): AsyncGenerator<string[]> {
  let keys: string[] = [];
  for await (const { key } of objects) {
    keys.push(key);
    if (keys.length < maxDeletions) continue;
    yield keys;
    keys = [];
  }
  if (keys.length > 0) yield keys;
}

async function deleteObjects(client: S3Client, Bucket: string, keys: readonly string[]): Promise<void> {
  const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
  const { Errors = [] } = await orAway(client.send(new DeleteObjectsCommand({ Bucket, Delete })));
  const [first] = Errors;
  if (first) throw storageAway(new Error(`${Errors.length} objects stay: ${first.Code}`));
}

async function abortUploads(client: S3Client, Bucket: string, before: Date): Promise<number> {
  let count = 0;
  let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
  while (next !== undefined) {
    const page: ListMultipartUploadsCommandOutput = await client.send(
      new ListMultipartUploadsCommand({ Bucket, ...next }),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Initiated === undefined || Initiated >= before) continue;
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      count += 1;
    }
    next =
      page.IsTruncated === true
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
  }
  return count;
}
