import { type Static, Type } from 'typebox';
import {
  dnCallKinds,
  dnCallStates,
  dnConflictRules,
  dnConnectionStatuses,
  dnImportTasks,
  dnMapKinds,
  dnMapStates,
  dnOutcomes,
  dnReadKinds,
  dnRecordKinds,
  dnSuggestionKinds,
} from '../../states/deconetwork.js';
import { jobStatuses } from '../../states/job.js';
import { orderStatuses } from '../../states/order.js';
import { Currency, closed, Id, literals, Name, nullable, stamps, Timestamp, Version } from '../shapes.js';
import { JobError } from './job-shapes.js';

export const Count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
/** The site's own id of a record. */
export const DnId = Type.String({ minLength: 1, maxLength: 100, examples: ['INV1234'] });
const FieldNumber = Type.Integer({ minimum: 1, maximum: 99 });

/** Numbers of the vendor's search fields at this site; one that is absent is found out by the test of the connection. */
export const DnFieldMap = Type.Partial(
  closed({
    order_number: FieldNumber,
    order_date_modified: FieldNumber,
    product_date_modified: FieldNumber,
    inventory_date_modified: FieldNumber,
    purchase_order_number: FieldNumber,
    purchase_order_date_modified: FieldNumber,
  }),
  { additionalProperties: false },
);
export type DnFieldMap = Static<typeof DnFieldMap>;

const Switch = Type.Boolean();
export const DnWriteBack = closed({
  /** Tell the site when an order is produced and shipped. A status there can't be taken back. */
  status: Switch,
  /** Keep the stock levels of mapped variants as they are here. */
  inventory: Switch,
  /** Tell the site what was received of mapped purchase orders. */
  receipts: Switch,
  /** Have the site write to the customer about a new status. */
  contact_customer: Switch,
});
export type DnWriteBack = Static<typeof DnWriteBack>;

export const DnTest = closed({
  at: Timestamp,
  /** `ok`, or why not. */
  code: Type.String({ maxLength: 64, examples: ['ok', 'authentication_failed', 'not_a_site'] }),
  message: Type.String({ maxLength: 500 }),
  /** What was tried: an endpoint or a search field, and what came of it. */
  checks: Type.Array(
    closed({
      name: Type.String({ maxLength: 100, examples: ['manage_orders/find'] }),
      ok: Type.Boolean(),
      message: Type.String({ maxLength: 500 }),
    }),
    { maxItems: 50 },
  ),
});
export type DnTest = Static<typeof DnTest>;

export const dnCreatable = ['product', 'customer'] as const;
export const DnKinds = Type.Array(literals(dnReadKinds), { minItems: 1, maxItems: 4, uniqueItems: true });
export const DnCreateMissing = Type.Array(literals(dnCreatable), { maxItems: 2, uniqueItems: true });
export const DnSyncEvery = nullable(Type.Integer({ minimum: 5, maximum: 10_080 }));

export const DnConnection = closed({
  id: Id,
  name: Name,
  site_url: Type.String(),
  status: literals(dnConnectionStatuses),
  field_map: DnFieldMap,
  conflict_rule: literals(dnConflictRules),
  currency: Currency,
  kinds: DnKinds,
  create_missing: DnCreateMissing,
  write_back: DnWriteBack,
  sync_every_minutes: DnSyncEvery,
  /** Up to when each kind of record was read. */
  cursor: Type.Partial(
    closed({ product: Timestamp, order: Timestamp, inventory: Timestamp, purchase_order: Timestamp }),
    {
      additionalProperties: false,
    },
  ),
  last_synced_at: nullable(Timestamp),
  /** null: it was never tested. */
  last_test: nullable(DnTest),
  /** Records that wait for somebody to say what they are here. */
  in_review: Count,
  organization_id: Id,
  workspace_id: nullable(Id),
  version: Version,
  ...stamps,
});
export type DnConnection = Static<typeof DnConnection>;

const DetailText = Type.Optional(nullable(Type.String({ maxLength: 500 })));
export const DnMapDetail = closed({
  code: DetailText,
  sku: DetailText,
  email: DetailText,
  size: DetailText,
  colour: DetailText,
  /** Of a variant: the site's product. */
  product_dn_id: DetailText,
});
export type DnMapDetail = Static<typeof DnMapDetail>;

export const DnMap = closed({
  id: Id,
  connection_id: Id,
  kind: literals(dnMapKinds),
  dn_id: DnId,
  state: literals(dnMapStates),
  /** What the record is here; null: not mapped, or a status. */
  local_id: nullable(Id),
  /** Of a status: ours. */
  local_code: nullable(literals(orderStatuses)),
  label: Type.String(),
  detail: DnMapDetail,
  /** What it may be here, by its SKU, code, e-mail, name or number; never taken without somebody saying so. */
  suggested_id: nullable(Id),
  suggested_by: nullable(literals(dnSuggestionKinds)),
  dn_modified_at: nullable(Timestamp),
  /** null: made by an import that was told to make what is missing, or not mapped. */
  mapped_by: nullable(Id),
  mapped_at: nullable(Timestamp),
  version: Version,
  ...stamps,
});
export type DnMap = Static<typeof DnMap>;

export const DnCounts = closed({
  created: Count,
  updated: Count,
  unchanged: Count,
  failed: Count,
  review: Count,
  undone: Count,
  refused: Count,
  differs: Count,
  missing: Count,
});
export type DnCounts = Static<typeof DnCounts>;

/** A job that reads from the site; its `id` is the job's, so that GET /api/erp/jobs/:id and its stream follow it too. */
export const DnImportJob = closed({
  id: Id,
  connection_id: Id,
  task: literals(dnImportTasks),
  /** Of a retry or an undo: whose rows. */
  of_job_id: nullable(Id),
  dry_run: Type.Boolean(),
  kinds: DnKinds,
  create_missing: DnCreateMissing,
  modified_from: nullable(Timestamp),
  modified_to: nullable(Timestamp),
  status: literals(jobStatuses),
  progress: Count,
  progress_total: nullable(Count),
  counts: DnCounts,
  error: nullable(JobError),
  started_at: nullable(Timestamp),
  finished_at: nullable(Timestamp),
  /** When it and its rows are deleted; after that it can't be undone. */
  expires_at: nullable(Timestamp),
  ...stamps,
});
export type DnImportJob = Static<typeof DnImportJob>;

/** One field of ours, by its path: `total`, `lines.2.quantity`. null: there was none. */
export const DnChange = closed({
  field: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
});

export const DnRowError = closed({
  code: Type.String({ maxLength: 64, examples: ['unmapped'] }),
  message: Type.String({ maxLength: 500 }),
  /** Of `unmapped`: the maps to be confirmed first. */
  map_ids: Type.Optional(Type.Array(Id, { maxItems: 500 })),
});
export type DnRowError = Static<typeof DnRowError>;

export const DnImportRow = closed({
  id: Id,
  job_id: Id,
  kind: literals(dnRecordKinds),
  dn_id: DnId,
  outcome: literals(dnOutcomes),
  map_id: nullable(Id),
  local_id: nullable(Id),
  /** What is different, or would be in a dry run. */
  changes: Type.Array(DnChange),
  /** Where both sides had changed a field: the values that did not stand. */
  loser: nullable(Type.Unknown()),
  error: nullable(DnRowError),
  dn_modified_at: nullable(Timestamp),
  /** The undo or retry that has seen to it. */
  settled_by_job_id: nullable(Id),
  created_at: Timestamp,
});
export type DnImportRow = Static<typeof DnImportRow>;
/** With the site's record as it came: links and what else opens doors are cut out. */
export const DnImportRowDetail = closed({
  ...DnImportRow.properties,
  before: nullable(Type.Unknown()),
  after: nullable(Type.Unknown()),
  /** JSON text; numbers are as the site wrote them. */
  raw: nullable(Type.String()),
});

/** A write to the site: what is sent, how often it was, and the site's last answer. */
export const DnCall = closed({
  id: Id,
  connection_id: Id,
  kind: literals(dnCallKinds),
  state: literals(dnCallStates),
  map_id: nullable(Id),
  local_id: nullable(Id),
  request: Type.Unknown(),
  response: nullable(Type.Unknown()),
  error: nullable(JobError),
  attempts: Count,
  sent_at: nullable(Timestamp),
  finished_at: nullable(Timestamp),
  version: Version,
  ...stamps,
});
export type DnCall = Static<typeof DnCall>;
