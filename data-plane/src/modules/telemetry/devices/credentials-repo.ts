import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { DeviceCredential, deviceCredentials } from '@platen/schema/contracts/data/telemetry-devices';
import type { Static } from 'typebox';

export type CredentialJson = Static<typeof DeviceCredential>;

const item = jsonSelect(DeviceCredential, {
  id: 't.id',
  device_id: 't.device_id',
  prefix: 't.prefix',
  expires_at: 't.expires_at',
  last_used_at: 't.last_used_at',
  revoked_at: 't.revoked_at',
  created_at: 't.created_at',
});

export const credentialPage = definePage({
  contract: deviceCredentials.list,
  item,
  key: 't.id::text',
  rows: `select t.* from tel_device_credentials t
    where t.id < $2::uuid and t.device_id = $3::uuid order by t.id desc`,
  start: lastId,
});

interface Row {
  readonly json: CredentialJson;
}
const parse = { json: 'json' } as const;

export interface PresentedCredential {
  readonly id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly device_id: string;
  readonly secret_hash: string;
  readonly expires_at: string | null;
  /** Neither revoked nor past its end, of a device that is active. */
  readonly usable: boolean;
  readonly used_lately: boolean;
}

const findPresented = statement<PresentedCredential>(
  'device_credential.find_presented',
  `select c.id, c.organization_id, d.workspace_id, c.device_id, c.secret_hash,
     to_char(c.expires_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as expires_at,
     c.revoked_at is null and (c.expires_at is null or c.expires_at > now()) and d.status = 'active' as usable,
     coalesce(c.last_used_at > now() - interval '1 minute', false) as used_lately
   from tel_device_credentials c join tel_devices d on d.id = c.device_id where c.prefix = $1`,
  { parse: { usable: 'bool', used_lately: 'bool' } },
);

export const findPresentedCredential = async (
  db: Queryable,
  prefix: string,
): Promise<PresentedCredential | undefined> => (await db.query(findPresented, [prefix]))[0];

const use = statement<never>(
  'device_credential.use',
  'update tel_device_credentials set last_used_at = now() where id = $1::uuid',
);

export const updateLastUsed = async (db: Queryable, id: string): Promise<void> => void (await db.query(use, [id]));

export interface NewCredential {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly id: string;
  readonly deviceId: string;
  readonly prefix: string;
  readonly hash: string;
  readonly expiresAt: string | null;
}

const insert = statement<Row>(
  'device_credential.insert',
  `insert into tel_device_credentials as t
     (tenant_id, organization_id, workspace_id, id, device_id, prefix, secret_hash, expires_at)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6, $7, $8::timestamptz)
   returning ${item} as json`,
  { parse },
);

export async function insertCredential(tx: Tx, row: NewCredential): Promise<CredentialJson> {
  const { tenantId, organizationId, workspaceId, id, deviceId, prefix, hash, expiresAt } = row;
  const values = [tenantId, organizationId, workspaceId, id, deviceId, prefix, hash, expiresAt];
  const [inserted] = await tx.query(insert, values);
  if (inserted === undefined) throw new Error('an insert answered nothing');
  return inserted.json;
}

const lock = statement<Row & { readonly usable: boolean }>(
  'device_credential.lock',
  `select ${item} as json, t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) as usable
   from tel_device_credentials t where t.id = $1::uuid and t.device_id = $2::uuid for update`,
  { parse: { ...parse, usable: 'bool' } },
);

export const lockCredential = async (tx: Tx, id: string, deviceId: string) => (await tx.query(lock, [id, deviceId]))[0];

const shorten = statement<never>(
  'device_credential.shorten',
  `update tel_device_credentials
   set expires_at = least(expires_at, now() + make_interval(secs => $2::int)) where id = $1::uuid`,
);

/** Its end comes in so many seconds, unless it comes before. */
export const updateExpiry = (tx: Tx, id: string, seconds: number): void => tx.defer(shorten, [id, seconds]);

const revoke = statement<Row>(
  'device_credential.revoke',
  `update tel_device_credentials t set revoked_at = now() where t.id = $1::uuid returning ${item} as json`,
  { parse },
);

export async function updateRevoked(tx: Tx, id: string): Promise<CredentialJson> {
  const [revoked] = await tx.query(revoke, [id]);
  if (revoked === undefined) throw new Error('a locked row is gone');
  return revoked.json;
}
