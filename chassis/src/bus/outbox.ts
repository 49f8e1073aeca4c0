import { type EventData, type EventType, eventSchemas, topicOf } from '@platen/schema/events/index';
import { statement } from '../db/statement.js';
import type { Tx, Value } from '../db/types.js';
import { createChecker } from '../validation/checker.js';

/** What of a request's `ctx` an event carries. */
export interface EventOrigin {
  readonly correlationId: string;
  readonly traceparent: string | null;
  readonly tenant: { readonly id: string };
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  newId(): string;
}

export interface NewEvent<T extends EventType> {
  readonly type: T;
  /** Lock this aggregate's row before its event is inserted: order per key rests on it. */
  readonly aggregateId: string;
  readonly data: EventData<T>;
}

const columns = [
  'tenant_id',
  'id',
  'organization_id',
  'workspace_id',
  'topic',
  'key',
  'type',
  'correlation_id',
  'traceparent',
] as const;
const types = ['uuid', 'uuid', 'uuid', 'uuid', 'text', 'text', 'text', 'text', 'text'] as const;

const checkers = new Map(Object.entries(eventSchemas).map(([type, schema]) => [type, createChecker(schema)]));

/** A malformed event would fail in every consumer, long after its cause: it fails here, with the transaction. */
function checkData(type: EventType, data: unknown): void {
  const checker = checkers.get(type);
  if (checker?.check(data)) return;
  throw new Error(`the data of ${type} does not match its schema ${checker?.describe(data) ?? ''}`);
}

/** How many parameters `outboxRowValues` fills. */
export const outboxRowParameters = columns.length;

/**
 * An INSERT of one outbox row, to stand as a CTE in a larger statement, so that a document and its event are one round
 * trip. It takes `outboxRowParameters` parameters from `firstParameter` on. `payload` is an SQL expression of type jsonb
 * over the columns of `from`; selecting from the CTE that wrote the aggregate is what orders the two.
 *
 *   with sent as (update erp_quotes … returning id, number, …),
 *        event as (${outboxRowSql({ firstParameter: 5, from: 'sent', payload: `jsonb_build_object('quote_id', id, …)` })})
 *   select … from sent
 */
export function outboxRowSql(part: { firstParameter: number; from: string; payload: string }): string {
  const values = types.map((type, index) => `$${part.firstParameter + index}::${type}`);
  return `insert into outbox_events (${columns.join(', ')}, payload) select ${values.join(', ')}, ${part.payload} from ${part.from}`;
}

/** The values of `outboxRowSql`, and the id of the event. */
export function outboxRowValues(
  origin: EventOrigin,
  event: { readonly type: EventType; readonly aggregateId: string },
): { readonly id: string; readonly values: readonly Value[] } {
  const id = origin.newId();
  const tenantId = origin.tenant.id;
  const values = [
    tenantId,
    id,
    origin.organizationId,
    origin.workspaceId,
    topicOf(event.type),
    `${tenantId}:${event.aggregateId}`,
    event.type,
    origin.correlationId,
    origin.traceparent,
  ];
  return { id, values };
}

const insertOutboxRow = statement(
  'outbox.insert',
  `insert into outbox_events (${columns.join(', ')}, payload)
    values (${types.map((type, index) => `$${index + 1}::${type}`).join(', ')}, $${columns.length + 1}::jsonb)`,
);

/**
 * Records what happened, in the transaction in which it happens; the row travels with the COMMIT. Answers the event's id.
 * @throws Error when the data does not match the schema of the type
 */
export function insertEvent<T extends EventType>(
  tx: Pick<Tx, 'defer'>,
  origin: EventOrigin,
  event: NewEvent<T>,
): string {
  checkData(event.type, event.data);
  const { id, values } = outboxRowValues(origin, event);
  tx.defer(insertOutboxRow, [...values, event.data]);
  return id;
}
