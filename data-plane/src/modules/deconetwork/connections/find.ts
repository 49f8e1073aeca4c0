import { statement } from '@platen/chassis/db/statement';
import type { ColumnParser, Queryable, Tx } from '@platen/chassis/db/types';
import type { DnFieldMap, DnTest, DnWriteBack } from '@platen/schema/contracts/data/dn-shapes';
import type { DnConflictRule, DnConnectionStatus, DnReadKind } from '@platen/schema/states/deconetwork';

/** A connection as those who work by it need it; what signs in there is not in it. */
export interface DnConnectionRow {
  readonly tenant_id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly id: string;
  readonly name: string;
  readonly site_url: string;
  readonly status: DnConnectionStatus;
  /** Up to when each kind was read. */
  readonly cursor: Readonly<Partial<Record<DnReadKind, string>>>;
  readonly field_map: DnFieldMap;
  readonly conflict_rule: DnConflictRule;
  readonly currency: string;
  readonly kinds: readonly DnReadKind[];
  readonly create_missing: readonly string[];
  readonly write_back: DnWriteBack;
  readonly sync_every_minutes: number | null;
  readonly last_test: DnTest | null;
  readonly created_by: string;
  readonly version: number;
}

const columns = `t.tenant_id, t.organization_id, t.workspace_id, t.id, t.name, t.site_url, t.status, t.cursor, t.field_map,
  t.conflict_rule, t.currency, t.kinds, t.create_missing, t.write_back, t.sync_every_minutes, t.last_test, t.created_by,
  t.version`;
const parse: Readonly<Record<string, ColumnParser>> = {
  cursor: 'json',
  field_map: 'json',
  kinds: 'json',
  create_missing: 'json',
  write_back: 'json',
  sync_every_minutes: 'int',
  last_test: 'json',
  version: 'int',
};

const select = `select ${columns} from dn_connections t where t.id = $1::uuid`;
const find = statement<DnConnectionRow>('dn_connection.find_row', select, { parse });
const lock = statement<DnConnectionRow>('dn_connection.lock', `${select} for update`, { parse });
const share = statement<DnConnectionRow>('dn_connection.share', `${select} for share`, { parse });

export const findConnection = async (db: Queryable, id: string): Promise<DnConnectionRow | undefined> =>
  (await db.query(find, [id]))[0];

/** For what changes it. */
export const lockConnection = async (tx: Tx, id: string): Promise<DnConnectionRow | undefined> =>
  (await tx.query(lock, [id]))[0];

/** For what must not go on beside a change of it, such as a pause; others may do the same meanwhile. */
export const shareConnection = async (tx: Tx, id: string): Promise<DnConnectionRow | undefined> =>
  (await tx.query(share, [id]))[0];
