import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { dnCallKinds, dnReadKinds, dnTasks } from '../../states/deconetwork.js';
import { DnFieldMap, DnId, DnTest } from '../data/dn-shapes.js';
import { DnSyncResult, JobError } from '../data/job-shapes.js';
import { Amount, CalendarDate, Currency, closed, Id, literals, nullable, Timestamp } from '../shapes.js';

const Count = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
const Text = Type.String({ maxLength: 500 });
const OptionalText = nullable(Text);
const Pieces = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });

/** The site's record as it came, cut of links that log in: JSON text whose numbers are as the site wrote them. */
const Raw = Type.String({ maxLength: 400_000 });
const every = {
  dn_id: DnId,
  modified_at: nullable(Timestamp),
  raw: Raw,
};

const Address = closed({
  line1: Text,
  city: Text,
  region: OptionalText,
  postal_code: nullable(Type.String({ maxLength: 32 })),
  /** ISO 3166-1 alpha-2; null: the site says none that is one. */
  country: nullable(Type.String({ pattern: '^[A-Z]{2}$' })),
});
/** Of an order's billing details: the site has no list of customers. */
const Customer = closed({
  dn_id: DnId,
  name: Text,
  email: nullable(Type.String({ maxLength: 254 })),
  company: OptionalText,
  phone: nullable(Type.String({ maxLength: 64 })),
  billing: nullable(Address),
  shipping: nullable(Address),
});
const Size = closed({
  /** The site's id of the SKU: `19617_1378`. */
  dn_id: DnId,
  sku: OptionalText,
  vendor_sku: OptionalText,
  size: OptionalText,
  quantity: Pieces,
  unit_price: Amount,
});
const OrderLine = closed({
  dn_id: DnId,
  product: closed({ dn_id: DnId, code: OptionalText, name: Text, colour: OptionalText }),
  /** As the site calls them: `Screen Print` on `Front`. */
  decorations: Type.Array(closed({ process: Text, location: OptionalText }), { maxItems: 50 }),
  quantity: Pieces,
  unit_price: Amount,
  line_total: Amount,
  sizes: Type.Array(Size, { maxItems: 200 }),
});

/** Every amount is exact: rounded half up to four decimals from the number's own text. */
export const DnOrderRecord = closed({
  kind: Type.Literal('order'),
  ...every,
  /** The vendor's number of the status. */
  status: Type.String({ maxLength: 20 }),
  customer: Customer,
  job_name: OptionalText,
  customer_po_number: OptionalText,
  ordered_at: nullable(Timestamp),
  due_on: nullable(CalendarDate),
  items: Amount,
  /** Discounts of every kind, as one sum. */
  discount: Amount,
  shipping: Amount,
  rush: Amount,
  tax: Amount,
  /** What was paid by gift certificate and credit: means of payment, not discounts. */
  gift_and_credit: Amount,
  /** As the site says it, after gifts and credit. */
  billable: Amount,
  outstanding: Amount,
  lines: Type.Array(OrderLine, { maxItems: 500 }),
});
export type DnOrderRecord = Static<typeof DnOrderRecord>;

export const DnProductRecord = closed({
  kind: Type.Literal('product'),
  ...every,
  code: OptionalText,
  name: Text,
  brand: OptionalText,
  supplier: OptionalText,
  is_active: Type.Boolean(),
  variants: Type.Array(
    closed({
      dn_id: DnId,
      sku: OptionalText,
      size: OptionalText,
      colour: OptionalText,
      price: nullable(Amount),
      cost: nullable(Amount),
    }),
    { maxItems: 2_000 },
  ),
});
export type DnProductRecord = Static<typeof DnProductRecord>;

export const DnInventoryRecord = closed({
  kind: Type.Literal('inventory'),
  ...every,
  product: closed({ dn_id: DnId, code: OptionalText, name: Text }),
  sku: OptionalText,
  vendor_sku: OptionalText,
  size: OptionalText,
  colour: OptionalText,
  /** null: the site does not keep stock of it. */
  level: nullable(Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 })),
});
export type DnInventoryRecord = Static<typeof DnInventoryRecord>;

export const DnPurchaseOrderRecord = closed({
  kind: Type.Literal('purchase_order'),
  ...every,
  status: Type.String({ maxLength: 20 }),
  status_text: OptionalText,
  vendor: OptionalText,
  reference: OptionalText,
  total: Amount,
  lines: Type.Array(
    closed({
      dn_id: DnId,
      variant_dn_id: nullable(DnId),
      sku: OptionalText,
      ordered: Pieces,
      received: Pieces,
      unit_cost: Amount,
    }),
    { maxItems: 500 },
  ),
});
export type DnPurchaseOrderRecord = Static<typeof DnPurchaseOrderRecord>;

/** A record of the site in our words; the worker reads the vendor's, the plane knows only these. */
export const DnRecord = Type.Union([DnOrderRecord, DnProductRecord, DnInventoryRecord, DnPurchaseOrderRecord]);
export type DnRecord = Static<typeof DnRecord>;

/** A record of the site that could not be read. `message` says what is wrong with it, and nothing that is in it. */
export const DnUnreadable = closed({
  kind: literals(dnReadKinds),
  dn_id: DnId,
  modified_at: nullable(Timestamp),
  message: Text,
  raw: Raw,
});
export type DnUnreadable = Static<typeof DnUnreadable>;

/** What the jobs of the kind `dn_sync` carry. */
export const DnJobPayload = closed({
  task: literals(dnTasks),
  connection_id: Id,
});
export type DnJobPayload = Static<typeof DnJobPayload>;

const service = { service: 'erp.job' } as const;
const jobPath = '/internal/tenants/:tenant_id/jobs/:id/deconetwork';
const params = closed({ tenant_id: Id, id: Id });
const scope = { organization_id: Id, workspace_id: Type.Optional(nullable(Id)) };
const holder = { ...scope, owner: Id, attempt: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) };

/** Where and as whom a worker calls; never logged, never kept. */
export const DnAccess = closed({
  site_url: Type.String({ maxLength: 500 }),
  username: Type.String({ maxLength: 254 }),
  password: Type.String({ maxLength: 500 }),
  field_map: DnFieldMap,
  currency: Currency,
});
export type DnAccess = Static<typeof DnAccess>;

/** What is to be read of one kind. */
export const DnReading = closed({
  kind: literals(dnReadKinds),
  /** Changed since then, the overlap included; null: from the beginning. */
  modified_from: nullable(Timestamp),
  /** And before then; null: until now. */
  modified_to: nullable(Timestamp),
});
export type DnReading = Static<typeof DnReading>;

const WriteCall = closed({
  id: Id,
  kind: literals(dnCallKinds),
  attempts: Count,
  /** It was sent before, and no answer was settled: the site may have it. */
  unanswered: Type.Optional(Type.Boolean()),
  /** By kind: see `DnStatusWrite`, `DnInventoryWrite`, `DnReceiptWrite`. */
  request: Type.Unknown(),
});
export const DnStatusWrite = closed({
  order_id: DnId,
  new_status: literals(['produced', 'shipped']),
  shipping_code: Type.Optional(Text),
  contact_customer: Type.Boolean(),
});
export type DnStatusWrite = Static<typeof DnStatusWrite>;
export const DnInventoryWrite = closed({
  levels: Type.Array(
    closed({ dn_sku_id: DnId, level: Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 }) }),
    { minItems: 1, maxItems: 100 },
  ),
});
export type DnInventoryWrite = Static<typeof DnInventoryWrite>;
export const DnReceiptWrite = closed({
  po_number: DnId,
  vendor_invoice: Type.Optional(Text),
  lines: Type.Array(closed({ line_id: DnId, quantity: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }) }), {
    minItems: 1,
    maxItems: 500,
  }),
});
export type DnReceiptWrite = Static<typeof DnReceiptWrite>;

/** What the site answered to a write: `done`, or `failed` for good, or to be tried again (`retry`). */
const WriteOutcome = literals(['done', 'failed', 'retry']);

// How a worker does a job of the kind `dn_sync`: it alone calls the site, the plane alone knows what is here. Whoever comes
// with an attempt that is not the running one has lost the job.

/** Where a job calls, and what became of that. */
export const deconetworkConnections = contracts('internal.deconetworkConnections', {
  open: {
    method: 'POST',
    path: `${jobPath}/open`,
    access: service,
    summary: 'Where to call for a job, as whom, and what to read',
    description: 'The password is for this process alone. A connection that is paused or rejected is `dn_unavailable`.',
    params,
    body: closed(holder),
    status: 200,
    response: closed({ task: literals(dnTasks), access: DnAccess, readings: Type.Array(DnReading, { maxItems: 4 }) }),
    errors: ['lease_lost', 'dn_unavailable'],
    idempotency: 'exempt',
  },
  tested: {
    method: 'POST',
    path: `${jobPath}/tested`,
    access: service,
    summary: 'What the test of a connection came to',
    description: 'Code `ok` makes it active; any other rejects it. Field numbers that were found out are kept.',
    params,
    body: closed({ ...holder, test: DnTest, field_map: DnFieldMap }),
    status: 200,
    response: closed({ result: DnSyncResult }),
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
  rejected: {
    method: 'POST',
    path: `${jobPath}/rejected`,
    access: service,
    summary: 'The site refuses the credentials, or its API is off',
    description: 'The connection is rejected and nothing more is tried until somebody tests it again.',
    params,
    body: closed({ ...holder, code: Type.String({ maxLength: 64 }), message: Text }),
    status: 204,
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
});

/** What was read there. */
export const deconetworkRecords = contracts('internal.deconetworkRecords', {
  records: {
    method: 'POST',
    path: `${jobPath}/records`,
    access: service,
    summary: 'Apply, or compare, records that were read',
    description:
      'Each record in a transaction of its own with its row, so that a repeat finds what is done. `step` counts the pages of the job: what left no row is counted once for each.',
    params,
    body: closed({
      ...holder,
      step: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      records: Type.Array(DnRecord, { maxItems: 100 }),
      /** What the site said that is none of its shapes: a row each, which is failed. */
      unreadable: Type.Optional(Type.Array(DnUnreadable, { maxItems: 100 })),
    }),
    status: 200,
    response: closed({ result: DnSyncResult }),
    errors: ['lease_lost', 'dn_unavailable'],
    idempotency: 'exempt',
  },
  finishReading: {
    method: 'POST',
    path: `${jobPath}/finish-reading`,
    access: service,
    summary: 'A kind was read whole, up to this moment of the site',
    description:
      'Moves the cursor of the connection, which never goes back, unless the job was a dry run or a comparison; of a comparison, names what is here and was not read.',
    params,
    body: closed({ ...holder, kind: literals(dnReadKinds), read_to: Timestamp }),
    status: 200,
    response: closed({ result: DnSyncResult }),
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
});

/** Rows of an earlier job once more: a retry, or an undo. */
export const deconetworkRework = contracts('internal.deconetworkRework', {
  rework: {
    method: 'POST',
    path: `${jobPath}/rework`,
    access: service,
    summary: 'The next rows of a retry or an undo',
    description: 'Ends early rather than late: `cursor` says where to go on.',
    params,
    body: closed({
      ...holder,
      cursor: Type.Optional(Id),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    }),
    status: 200,
    response: closed({ done: Count, total: Count, cursor: nullable(Id), result: DnSyncResult }),
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
});

/** What is written there. */
export const deconetworkCalls = contracts('internal.deconetworkCalls', {
  nextCall: {
    method: 'POST',
    path: `${jobPath}/next-call`,
    access: service,
    summary: 'The next write that the site has to be told',
    description: 'It is kept as sent before it is answered here: at least once.',
    params,
    body: closed(holder),
    status: 200,
    response: closed({ call: nullable(WriteCall), remaining: Count }),
    errors: ['lease_lost', 'dn_unavailable'],
    idempotency: 'exempt',
  },
  settleCall: {
    method: 'POST',
    path: `${jobPath}/calls/:call_id/settle`,
    access: service,
    summary: 'What the site answered to a write',
    params: closed({ tenant_id: Id, id: Id, call_id: Id }),
    body: closed({
      ...holder,
      outcome: WriteOutcome,
      response: Type.Optional(
        closed({ code: Type.Integer({ minimum: 0, maximum: 999_999 }), severity: Text, description: Text }),
      ),
      error: Type.Optional(JobError),
    }),
    status: 204,
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
});

/** By events, outside of a job. */
export const deconetworkEvents = contracts('internal.deconetworkEvents', {
  plan: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/deconetwork/plan',
    access: service,
    summary: 'Keep what an event means to connected sites as writes to be sent',
    description: 'Once for each event, connection and document, however often it comes.',
    params: closed({ tenant_id: Id }),
    body: closed({
      ...scope,
      event_id: Id,
      document: literals(['order', 'purchase_receipt', 'stock']),
      local_id: Id,
      /** Of an order. */
      status: Type.Optional(literals(['ready', 'shipped'])),
    }),
    status: 200,
    response: closed({ planned: Count }),
    errors: ['busy'],
    idempotency: 'exempt',
  },
});
