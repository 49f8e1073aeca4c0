import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const names = [
  'ownerPassword',
  'controlTenantPassword',
  'controlPlatformPassword',
  'appPassword',
  'systemPassword',
  'keyEncryptionKey',
  'cursorSecret',
  'quoteLinkSecret',
  'dnCredentialsKey',
  'dataPlaneSecret',
  'erpWorkerSecret',
  'telemetryWorkerSecret',
] as const;
export type Secrets = { readonly [Name in (typeof names)[number]]: string };

/** Made at the first run and kept with the data, readable by its owner alone: no secret of a running product stands in the sources. */
export function loadSecrets(dataDir: string): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  const kept = read(file);
  const secrets = Object.fromEntries(
    names.map((name) => [name, kept[name] ?? randomBytes(32).toString('base64url')]),
  ) as Secrets;
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

function read(file: string): Partial<Secrets> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}
