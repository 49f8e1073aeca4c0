import { jsonExpression, jsonSelect, writtenRow } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import { definePage, lastId } from '@platen/chassis/http/paging';
import { ServiceAccount, serviceAccounts } from '@platen/schema/contracts/platform/service-accounts';
import type { Static } from 'typebox';

export type AccountRow = Static<typeof ServiceAccount>;

const item = jsonSelect(ServiceAccount, {
  id: 't.id',
  code: 't.code',
  scopes: jsonExpression('to_json(t.scopes)'),
  status: 't.status',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});
const parse = { row: 'json' } as const;

export const accountPage = definePage({
  contract: serviceAccounts.list,
  item,
  key: 't.id::text',
  rows: 'select t.* from platform_service_accounts t where t.id < $2::uuid order by t.id desc',
  start: lastId,
});

const lock = statement<{ row: AccountRow }>(
  'service_accounts_lock',
  `select ${item} as row from platform_service_accounts t where t.id = $1 for no key update`,
  { parse },
);

export const lockAccount = async (tx: Tx, id: string): Promise<AccountRow | undefined> =>
  (await tx.query(lock, [id]))[0]?.row;

const insert = statement<{ row: AccountRow }>(
  'service_accounts_insert',
  `insert into platform_service_accounts as t (id, code, secret_hash, scopes) values ($1, $2, $3, $4)
   returning ${item} as row`,
  { parse },
);

export async function insertAccount(
  tx: Tx,
  row: Pick<AccountRow, 'id' | 'code' | 'scopes'> & { readonly secretHash: string },
): Promise<AccountRow> {
  return writtenRow(await tx.query(insert, [row.id, row.code, row.secretHash, row.scopes]));
}

const update = statement<{ row: AccountRow }>(
  'service_accounts_update',
  `update platform_service_accounts t set scopes = $2, status = $3, secret_hash = coalesce($4, t.secret_hash),
     updated_at = now()
   where t.id = $1 returning ${item} as row`,
  { parse },
);

/** `secretHash` null: it stays. */
export async function updateAccount(
  tx: Tx,
  row: Pick<AccountRow, 'id' | 'scopes' | 'status'>,
  secretHash: string | null = null,
): Promise<AccountRow> {
  return writtenRow(await tx.query(update, [row.id, row.scopes, row.status, secretHash]));
}
