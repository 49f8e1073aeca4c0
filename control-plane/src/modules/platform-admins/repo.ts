import { lockNumber } from '@platen/chassis/db/advisory-locks';
import { jsonSelect, writtenRow } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { admins, PlatformAdmin } from '@platen/schema/contracts/platform/admins';
import type { Static } from 'typebox';

export type AdminRow = Static<typeof PlatformAdmin>;

const item = jsonSelect(PlatformAdmin, {
  id: 't.id',
  email: 't.email',
  name: 't.name',
  role: 't.role',
  status: 't.status',
  totp_enabled: 't.totp_confirmed_at is not null',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const parse = { row: 'json' } as const;

/** Newest first. Filters: role, status. */
export const adminPage = definePage({
  contract: admins.list,
  item,
  key: 't.id::text',
  rows: `select t.* from platform_admins t where t.id < $2::uuid
    and ($3::text is null or t.role = $3) and ($4::text is null or t.status = $4) order by t.id desc`,
  start: lastId,
});

const find = statement<{ row: AdminRow }>(
  'platform_admins_find',
  `select ${item} as row from platform_admins t where t.id = $1`,
  { parse },
);

export const findAdmin = async (db: Queryable, id: string): Promise<AdminRow | undefined> =>
  (await db.query(find, [id]))[0]?.row;

const lockAll = statement<never>(
  'platform_admins_lock',
  `select pg_advisory_xact_lock(${lockNumber('platformAdmins')})`,
);

/** Changes of who runs the platform come one after the other, so that the last owner is known. */
export async function lockAdmins(tx: Tx): Promise<void> {
  await tx.query(lockAll);
}

const lock = statement<{ row: AdminRow }>(
  'platform_admins_lock_one',
  `select ${item} as row from platform_admins t where t.id = $1 for no key update`,
  { parse },
);

export const lockAdmin = async (tx: Tx, id: string): Promise<AdminRow | undefined> =>
  (await tx.query(lock, [id]))[0]?.row;

const findOwner = statement<{ id: string }>(
  'platform_admins_find_owner',
  `select id from platform_admins where role = 'owner' and status = 'active' limit 1`,
);

export const hasActiveOwner = async (tx: Tx): Promise<boolean> => (await tx.query(findOwner)).length === 1;

const insert = statement<{ row: AdminRow }>(
  'platform_admins_insert',
  `insert into platform_admins as t (id, email, name, role, password_hash) values ($1, $2, $3, $4, $5)
   returning ${item} as row`,
  { parse },
);

export interface NewAdmin extends Pick<AdminRow, 'id' | 'email' | 'name' | 'role'> {
  readonly passwordHash: string;
}

export async function insertAdmin(tx: Tx, row: NewAdmin): Promise<AdminRow> {
  return writtenRow(await tx.query(insert, [row.id, row.email, row.name, row.role, row.passwordHash]));
}

const update = statement<{ row: AdminRow }>(
  'platform_admins_update',
  `update platform_admins t set name = $2, role = $3, status = $4, updated_at = now() where t.id = $1
   returning ${item} as row`,
  { parse },
);

export async function updateAdmin(
  tx: Tx,
  { id, name, role, status }: Pick<AdminRow, 'id' | 'name' | 'role' | 'status'>,
): Promise<AdminRow> {
  return writtenRow(await tx.query(update, [id, name, role, status]));
}
