import path from 'node:path';
import { ConfigError, secret } from '@platen/chassis/config/load-config';
import { largestFileBytes } from '@platen/schema/contracts/data/files';
import { type Static, Type } from 'typebox';
import type { StorageConfig } from './open-storage.js';

const url = (description: string) =>
  Type.Optional(Type.String({ pattern: '^https?://[^/?#@]+/?$', maxLength: 2048, description }));

/** Variables of every process that touches files. */
export const storageFields = {
  STORAGE_PROVIDER: Type.Enum(['local', 's3'], {
    default: 'local',
    description:
      'Where files lie: a folder, or a bucket that speaks S3. With several instances a folder must be shared',
  }),
  STORAGE_LOCAL_DIR: Type.String({
    minLength: 1,
    default: 'artifacts/uploads',
    description: 'The folder, of `STORAGE_PROVIDER=local`',
  }),
  FILE_MAX_BYTES: Type.Integer({
    minimum: 1024,
    maximum: largestFileBytes,
    default: 100 * 1024 * 1024,
    description: 'The largest file that is taken',
  }),
  S3_ENDPOINT: url(
    "Where the storage is, `https://host:port`; unset: Amazon's of the region. Private addresses are fine",
  ),
  S3_PUBLIC_ENDPOINT: url('What links for browsers begin with, if they reach the storage by another name'),
  S3_REGION: Type.String({ minLength: 1, maxLength: 64, default: 'us-east-1', description: 'Region of the bucket' }),
  S3_BUCKET: Type.Optional(
    Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$', description: 'The bucket, which must be there' }),
  ),
  S3_ACCESS_KEY_ID: Type.Optional(secret({ description: 'Key that may read, write, list and delete in the bucket' })),
  S3_SECRET_ACCESS_KEY: Type.Optional(secret({ description: "The key's secret" })),
  S3_FORCE_PATH_STYLE: Type.Boolean({
    default: true,
    description: '`https://host/bucket/key`, which every storage knows; `false`: `https://bucket.host/key`',
  }),
};
const StorageVariables = Type.Object(storageFields);

/** @throws ConfigError naming what S3 needs and is not set */
export function storageOf(values: Static<typeof StorageVariables>): StorageConfig {
  if (values.STORAGE_PROVIDER === 'local') return { kind: 'local', folder: path.resolve(values.STORAGE_LOCAL_DIR) };
  const { S3_BUCKET: bucket, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    const names = ['S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;
    const missing = names.filter((name) => values[name] === undefined);
    throw new ConfigError(missing.map((name) => `${name}: required with STORAGE_PROVIDER=s3`));
  }
  return {
    kind: 's3',
    endpoint: values.S3_ENDPOINT,
    publicEndpoint: values.S3_PUBLIC_ENDPOINT,
    region: values.S3_REGION,
    bucket,
    accessKeyId,
    secretAccessKey,
    forcePathStyle: values.S3_FORCE_PATH_STYLE,
  };
}
