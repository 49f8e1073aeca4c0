import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { ColumnParser, Queryable, Tx } from '@platen/chassis/db/types';
import { dnCalls } from '@platen/schema/contracts/data/dn-calls';
import { DnCall } from '@platen/schema/contracts/data/dn-shapes';
import type { JobError } from '@platen/schema/contracts/data/job-shapes';
import type { DnCallKind, DnCallState } from '@platen/schema/states/deconetwork';
import { type JsonRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';

/** SQL of a write's JSON over a row of dn_calls under the alias `t`. */
export const callJson = jsonSelect(DnCall, {
  id: 't.id',
  connection_id: 't.connection_id',
  kind: 't.kind',
  state: 't.state',
  map_id: 't.map_id',
  local_id: 't.local_id',
  request: jsonExpression('t.request'),
  response: jsonExpression('t.response'),
  error: jsonExpression('t.error'),
  attempts: 't.attempts',
  sent_at: 't.sent_at',
  finished_at: 't.finished_at',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listCalls = listing({
  contract: dnCalls.list,
  table: 'dn_calls',
  item: callJson,
  filters: { connection_id: 'uuid', state: 'text', kind: 'text', map_id: 'uuid' },
});

/** A write as those who move it need it, and as the API shows it. */
export interface CallRow extends JsonRow {
  readonly id: string;
  readonly workspace_id: string | null;
  readonly connection_id: string;
  readonly kind: DnCallKind;
  readonly state: DnCallState;
  readonly map_id: string | null;
  readonly local_id: string | null;
  readonly request: unknown;
  readonly attempts: number;
}
const columns = `t.id, t.workspace_id, t.connection_id, t.kind, t.state, t.map_id, t.local_id, t.request, t.attempts,
  t.version, ${callJson} as json`;
const parse: Readonly<Record<string, ColumnParser>> = { ...parseJsonRow, request: 'json', attempts: 'int' };

const find = statement<CallRow>('dn_call.find', `select ${columns} from dn_calls t where t.id = $1::uuid`, { parse });
export const findCall = async (db: Queryable, id: string): Promise<CallRow | undefined> =>
  (await db.query(find, [id]))[0];

const lock = statement<CallRow>('dn_call.lock', `select ${columns} from dn_calls t where t.id = $1::uuid for update`, {
  parse,
});
export const lockCall = async (tx: Tx, id: string): Promise<CallRow | undefined> => (await tx.query(lock, [id]))[0];

const isOpen = `t.state in ('pending', 'sent')`;
const lockOldest = statement<CallRow>(
  'dn_call.lock_oldest',
  `select ${columns} from dn_calls t where t.connection_id = $1::uuid and ${isOpen} order by t.id limit 1 for update`,
  { parse },
);
/** Of those that the site has to be told. */
export const lockOldestCall = async (tx: Tx, connectionId: string): Promise<CallRow | undefined> =>
  (await tx.query(lockOldest, [connectionId]))[0];

const count = statement<{ count: number }>(
  'dn_call.count_open',
  `select count(*) as count from dn_calls t where t.connection_id = $1::uuid and ${isOpen}`,
  { parse: { count: 'int' } },
);
export const countOpenCalls = async (db: Queryable, connectionId: string): Promise<number> =>
  (await db.query(count, [connectionId]))[0]?.count ?? 0;

const openOfKind = statement<{ state: DnCallState; map_id: string | null; request: unknown }>(
  'dn_call.open_of_kind',
  `select t.state, t.map_id, t.request from dn_calls t
   where t.connection_id = $1::uuid and t.kind = $2 and ${isOpen} order by t.id`,
  { parse: { request: 'json' } },
);
export const listOpenCalls = (db: Queryable, connectionId: string, kind: DnCallKind) =>
  db.query(openOfKind, [connectionId, kind]);

const laterStatus = statement<{ id: string }>(
  'dn_call.later_status',
  `select t.id from dn_calls t where t.map_id = $1::uuid and t.id > $2::uuid and t.kind = 'status'
     and t.state in ('pending', 'sent', 'done') limit 1`,
);
/** Whether the same record has been written, or is to be, after this. */
export const hasLaterStatus = async (tx: Tx, mapId: string, id: string): Promise<boolean> =>
  (await tx.query(laterStatus, [mapId, id])).length > 0;

export interface NewCall {
  readonly id: string;
  readonly kind: DnCallKind;
  readonly mapId: string | null;
  readonly localId: string | null;
  readonly request: object;
  readonly eventId: string | null;
  /** What keeps it from being sent: it begins as `failed`, for somebody to see to. */
  readonly error?: JobError;
}
interface CallOwner {
  readonly tenant_id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly id: string;
}
const insert = statement<{ id: string }>(
  'dn_call.insert',
  `insert into dn_calls (tenant_id, organization_id, workspace_id, connection_id, id, kind, map_id, local_id, request,
     event_id, state, error, finished_at)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6, $7::uuid, $8::uuid, $9::jsonb, $10::uuid,
     case when $11::jsonb is null then 'pending' else 'failed' end, $11::jsonb,
     case when $11::jsonb is not null then clock_timestamp() end)
   on conflict (tenant_id, organization_id, connection_id, event_id, local_id) where event_id is not null do nothing
   returning id`,
);
/** false: the event has asked for it before. */
export const insertCall = async (tx: Tx, connection: CallOwner, call: NewCall): Promise<boolean> =>
  (
    await tx.query(insert, [
      connection.tenant_id,
      connection.organization_id,
      connection.workspace_id,
      connection.id,
      call.id,
      call.kind,
      call.mapId,
      call.localId,
      JSON.stringify(call.request),
      call.eventId,
      call.error === undefined ? null : JSON.stringify(call.error),
    ])
  ).length > 0;

/** What a move of a call sets beside its state. Absent: as it was; null: none. */
export interface CallChange {
  readonly request?: object;
  readonly response?: object | null;
  readonly error?: JobError | null;
}
const update = statement<CallRow>(
  'dn_call.update',
  `update dn_calls t set state = $2,
     request = coalesce($3::jsonb, t.request),
     response = case when $4::boolean then $5::jsonb else t.response end,
     error = case when $6::boolean then $7::jsonb else t.error end,
     attempts = case when $2 = 'sent' then t.attempts + 1 when t.state = 'failed' then 0 else t.attempts end,
     sent_at = case when $2 = 'sent' then clock_timestamp() else t.sent_at end,
     finished_at = case when $2 in ('done', 'failed', 'dropped') then clock_timestamp() end,
     version = t.version + 1, updated_at = now()
   where t.id = $1::uuid returning ${columns}`,
  { parse },
);
const jsonOrNull = (value: object | null | undefined) => (value == null ? null : JSON.stringify(value));

/** Its row is locked. */
export async function moveCall(tx: Tx, id: string, to: DnCallState, change: CallChange = {}): Promise<CallRow> {
  const { request, response, error } = change;
  const [moved] = await tx.query(update, [
    id,
    to,
    jsonOrNull(request),
    response !== undefined,
    jsonOrNull(response),
    error !== undefined,
    jsonOrNull(error),
  ]);
  if (!moved) throw new Error(`the write ${id} is locked and gone`);
  return moved;
}
