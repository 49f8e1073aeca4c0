import { readBounds } from '@platen/chassis/bus/outbox-leases';
import type { OutboxDatabase } from '@platen/chassis/bus/outbox-service';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { EventStream } from '@platen/chassis/http/event-stream';
import type { HiddenPositions } from '@platen/chassis/http/hidden-positions';
import type { Logger } from '@platen/chassis/log/logger';
import { type EventType, topicOf } from '@platen/schema/events/index';
import { databaseKeyOf, type Tenant } from '../../feed/tenant.js';
import type { DatabaseKind } from '../../routing/catalogue.js';
import type { ModuleDeps, TenantCtx } from '../module.js';
import { EventChannel, formatWith } from './event-channel.js';
import { FollowedStream, type StreamReader } from './followed-stream.js';
import { listEventsAfter, type StreamScope } from './list-events.js';

export interface EventFeed {
  /**
   * What has happened in the caller's context since a position, as it was shown to him, then what happens. A stream is of
   * one database: types of telemetry are told there, and never together with others.
   * @throws AppError context_required, database_unavailable
   */
  open(
    ctx: TenantCtx,
    types: readonly EventType[],
    after: bigint | null,
    /** Of this aggregate alone. */
    aggregateId?: string,
  ): Promise<EventStream>;
}

/** A page is some 250 KB. */
const pageSize = 500;

interface Source extends OutboxDatabase {
  /** Tenant → context and types → its channel. */
  readonly channels: Map<string, Map<string, Channel>>;
  /** The last position that is known to be given. */
  known: bigint;
}
interface Channel {
  readonly topics: readonly string[];
  readonly channel: EventChannel;
}
/** What is read, and for whom. */
interface Subscription {
  readonly tenant: Tenant;
  readonly kind: DatabaseKind;
  readonly scope: StreamScope;
  readonly types: readonly EventType[];
  readonly topics: readonly string[];
  readonly positions: HiddenPositions;
}

/** Streams of events over the outboxes of some databases. */
export function createEventFeed(deps: {
  readonly databases: readonly OutboxDatabase[];
  readonly openDb: ModuleDeps['openDb'];
  readonly openTelemetryDb: ModuleDeps['openTelemetryDb'];
  readonly cursors: Cursors;
  readonly log: Logger;
}): EventFeed {
  const sources = new Map(deps.databases.map((database) => [database.key, sourceOf(database)]));

  return {
    async open(ctx, types, shown, aggregateId) {
      const { tenant, organizationId, workspaceId } = ctx;
      if (organizationId === null) throw new AppError('context_required');
      const topics = [...new Set(types.map(topicOf))];
      const kind = kindOf(topics);
      const databaseKey = databaseKeyOf(tenant, kind);
      const source = databaseKey === null ? undefined : sources.get(databaseKey);
      if (source === undefined || databaseKey === null) throw new AppError('database_unavailable');
      const { last, swept } = await readBounds(source.system, topics);
      if (last > source.known) source.known = last;
      const positions = deps.cursors.positionsOf(tenant.id, databaseKey);
      const after = shown === null ? null : positions.find(shown);
      // A position of before a restore, or of another database, is none of this one.
      const isReset = after !== null && (after < swept || after > last);
      const key = aggregateId === undefined ? {} : { key: `${tenant.id}:${aggregateId}` };
      const scope = { organizationId, workspaceId, ...key };
      const stream = new FollowedStream({
        isReset,
        hide: positions.hide,
        position: after === null || isReset ? last : after,
        reader: readerOf({ tenant, kind, scope, types, topics, positions }, source),
      });
      return new EventStream(
        (sink) => stream.run(sink),
        () => stream.shownPosition,
      );
    },
  };

  function readerOf(subscription: Subscription, source: Source): StreamReader {
    const { channels } = source;
    const { tenant, kind, scope, types, topics } = subscription;
    const { organizationId, workspaceId } = scope;
    const format = formatWith(subscription.positions);
    const openOf = kind === 'erp' ? deps.openDb : deps.openTelemetryDb;
    const open = () => openOf(tenant, { tenantId: tenant.id, organizationId, workspaceId });
    const at = (after: bigint) => ({ after, known: source.known });
    // What is far behind may take longer than a pipelined statement is given.
    const readSlowly = (after: bigint) => listEventsAfter(open().leased, at(after), types, scope, pageSize);
    const readSoon = (after: bigint) => listEventsAfter(open(), at(after), types, scope, pageSize);
    const key = [organizationId, workspaceId, scope.key, ...types].join(' ');
    return {
      format,
      read: readSlowly,
      channelAt(position) {
        const ofTenant = channels.get(tenant.id) ?? new Map<string, Channel>();
        channels.set(tenant.id, ofTenant);
        const known = ofTenant.get(key);
        if (known) return known.channel;
        const onEmpty = (): void => {
          ofTenant.delete(key);
          if (ofTenant.size === 0) channels.delete(tenant.id);
        };
        const channel = new EventChannel({ log: deps.log, format, position, read: readSoon, readSlowly, onEmpty });
        ofTenant.set(key, { topics, channel });
        return channel;
      },
    };
  }
}

/** @throws Error when nobody could tell which database: positions of two have no order */
export function kindOf(topics: readonly string[]): DatabaseKind {
  const isTelemetry = topics.map((topic) => topic.startsWith('telemetry.'));
  if (new Set(isTelemetry).size !== 1) throw new Error(`no stream is of ${topics.join(', ')} at once`);
  return isTelemetry[0] ? 'telemetry' : 'erp';
}

function sourceOf(database: OutboxDatabase): Source {
  const channels: Source['channels'] = new Map();
  const source: Source = { ...database, channels, known: 0n };
  database.sequencer.onPositions((topics, tenantIds, last) => {
    if (last !== null && last > source.known) source.known = last;
    for (const [tenantId, ofTenant] of channels) {
      if (tenantIds?.has(tenantId) === false) continue;
      for (const { topics: wanted, channel } of ofTenant.values()) {
        if (topics === null || wanted.some((topic) => topics.has(topic))) channel.wake();
      }
    }
  });
  return source;
}
