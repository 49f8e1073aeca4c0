import type { PublicJwk } from '@platen/chassis/auth/verifier';
import { lockNumber } from '@platen/chassis/db/advisory-locks';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { sourcesOf } from '@platen/schema/states/machine';
import { type SigningKeyStatus, signingKeyMachine } from '@platen/schema/states/signing-key';

export interface UsableKeyRow {
  readonly kid: string;
  readonly status: 'next' | 'active' | 'retiring';
  readonly public_jwk: PublicJwk;
  readonly private_key_encrypted: string;
}

const listUsable = statement<UsableKeyRow>(
  'keys_list_usable',
  `select kid, status, public_jwk, private_key_encrypted from platform_signing_keys
   where status not in ('retired', 'revoked') order by created_at, kid`,
  { parse: { public_jwk: 'json' } },
);

/** All that verify. */
export const listUsableKeys = (db: Queryable): Promise<UsableKeyRow[]> => db.query(listUsable);

export interface KeyRow {
  readonly kid: string;
  readonly status: SigningKeyStatus;
  readonly activated_at: Date | null;
  readonly retires_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const columns = 'kid, status, activated_at, retires_at, created_at, updated_at';
const dates = { activated_at: 'date', retires_at: 'date', created_at: 'date', updated_at: 'date' } as const;

const list = statement<KeyRow>(
  'keys_list',
  `select ${columns} from platform_signing_keys order by created_at desc, kid desc limit 100`,
  { parse: dates },
);

/** Of every status, the newest first. */
export const listKeys = (db: Queryable): Promise<KeyRow[]> => db.query(list);

const find = statement<KeyRow>('keys_find', `select ${columns} from platform_signing_keys where kid = $1`, {
  parse: dates,
});

export const findKey = async (db: Queryable, kid: string): Promise<KeyRow | undefined> =>
  (await db.query(find, [kid]))[0];

const lock = statement<never>('keys_lock', `select pg_advisory_xact_lock(${lockNumber('signingKeys')})`);

/** Changes of keys come one after the other: there is one active key, and one next at most. */
export async function lockKeys(tx: Tx): Promise<void> {
  await tx.query(lock);
}

const insert = statement<KeyRow>(
  'keys_insert',
  `insert into platform_signing_keys (id, kid, status, public_jwk, private_key_encrypted, activated_at)
   values ($1, $2, $3, $4, $5, case when $3 = 'active' then now() end) returning ${columns}`,
  { parse: dates },
);

export interface NewKey {
  readonly id: string;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly encrypted: string;
}

export async function insertKey(tx: Tx, key: NewKey, status: 'next' | 'active'): Promise<KeyRow> {
  const [row] = await tx.query(insert, [key.id, key.kid, status, key.publicJwk, key.encrypted]);
  if (row === undefined) throw new Error('an insert answered no row');
  return row;
}

const update = statement<KeyRow>(
  'keys_update_status',
  `update platform_signing_keys set status = $2, updated_at = now(),
     activated_at = case when $2 = 'active' then now() else activated_at end,
     retires_at = case when $2 = 'retiring' then now() + make_interval(secs => $4::int) else retires_at end,
     private_key_encrypted = case when $2 in ('retired', 'revoked') then '' else private_key_encrypted end
   where kid = $1 and status = any($3::text[]) returning ${columns}`,
  { parse: dates },
);

/** Undefined where the key's state does not allow it. What verifies nothing any more loses its private part. */
export async function updateKeyStatus(
  tx: Tx,
  kid: string,
  status: SigningKeyStatus,
  retiresInSeconds = 0,
): Promise<KeyRow | undefined> {
  const [row] = await tx.query(update, [kid, status, sourcesOf(signingKeyMachine, status), retiresInSeconds]);
  return row;
}

const listDue = statement<{ kid: string }>(
  'keys_list_due',
  `select kid from platform_signing_keys where status = 'retiring' and retires_at <= now() order by retires_at limit $1`,
);

/** Retiring keys whose last token has run out. */
export const listDueKeys = async (tx: Tx, limit: number): Promise<string[]> =>
  (await tx.query(listDue, [limit])).map(({ kid }) => kid);
