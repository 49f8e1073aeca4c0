import { AppError } from '@platen/chassis/http/app-error';
import { EventStream } from '@platen/chassis/http/event-stream';
import type { Logger } from '@platen/chassis/log/logger';
import type { QueryOf } from '@platen/schema/contract';
import { maxLatestDevices, maxSeriesMetrics, type telemetryLive } from '@platen/schema/contracts/data/telemetry-series';
import type { Tenant } from '../../../feed/tenant.js';
import {
  EventChannel,
  type EventPage,
  FollowedStream,
  formatWith,
  type StreamReader,
} from '../../event-streams/index.js';
import type { ModuleDeps, TenantCtx } from '../../module.js';
import type { Directory, DirectoryView } from '../directory.js';
import { readingFields } from './latest.js';
import { type ChangedPage, type LatestReading, listChanged, readLastRoll } from './latest-repo.js';
import { livePositions } from './positions.js';
import { resolveNames } from './resolve.js';

type Query = QueryOf<typeof telemetryLive.follow>;

/** Series of one event; more than these have one roll-up's number at most. */
const pageSize = 1_000;
/** What another instance has rolled up tells nobody here. */
const lookAgainMs = 1_000;

export interface LiveDeps extends Pick<ModuleDeps, 'openTelemetryDb' | 'cursors'> {
  readonly directory: Directory;
  readonly log: Logger;
}

/** What streams of one kind read: what a context sees of the series that are asked for; null: of all. */
interface Subscription {
  readonly tenant: Tenant;
  readonly organizationId: string;
  readonly workspaceId: string | null;
  readonly deviceNos: readonly number[] | null;
  readonly metricNos: readonly number[] | null;
}

export function createLive(deps: LiveDeps) {
  /** Tenant → what is asked for → its channel. */
  const channels = new Map<string, Map<string, EventChannel>>();

  return {
    /** Something of this tenant was rolled up here. */
    wake(tenantId: string): void {
      for (const channel of channels.get(tenantId)?.values() ?? []) channel.wake();
    },

    /** @throws AppError context_required, unknown_reference, validation_failed, database_unavailable */
    async open(ctx: TenantCtx, query: Query, shown: bigint | null): Promise<EventStream> {
      const { tenant, organizationId, workspaceId } = ctx;
      if (organizationId === null) throw new AppError('context_required');
      const limits = { devices: maxLatestDevices, metrics: maxSeriesMetrics };
      const { devices, metrics } = await resolveNames(deps.directory, ctx, query, limits);
      const last = await readLastRoll(ctx.db);
      const positions = livePositions(deps.cursors, tenant);
      const after = shown === null ? null : positions.find(shown);
      // A position of before a restore, or of another database, is none of this one.
      const isReset = after !== null && after > last;
      const numbers = (known: readonly { readonly no: number }[] | null) =>
        known?.map(({ no }) => no).sort((a, b) => a - b) ?? null;
      const subscription: Subscription = {
        ...{ tenant, organizationId, workspaceId },
        deviceNos: numbers(devices),
        metricNos: numbers(metrics),
      };
      const stream = new FollowedStream({
        isReset,
        hide: positions.hide,
        position: after === null || isReset ? last : after,
        reader: readerOf(subscription),
      });
      return new EventStream(
        (sink) => stream.run(sink),
        () => stream.shownPosition,
      );
    },
  };

  function readerOf(subscription: Subscription): StreamReader {
    const { tenant, organizationId, workspaceId, deviceNos, metricNos } = subscription;
    const format = formatWith(livePositions(deps.cursors, tenant));
    const read = (after: bigint): Promise<EventPage> => readChanges(subscription, after);
    const key = JSON.stringify([organizationId, workspaceId, deviceNos, metricNos]);
    return {
      format,
      read,
      channelAt(position) {
        const ofTenant = channels.get(tenant.id) ?? new Map<string, EventChannel>();
        channels.set(tenant.id, ofTenant);
        const known = ofTenant.get(key);
        if (known) return known;
        const onEmpty = (): void => {
          ofTenant.delete(key);
          if (ofTenant.size === 0) channels.delete(tenant.id);
        };
        const channel = new EventChannel({
          log: deps.log,
          format,
          position,
          read,
          readSlowly: read,
          lookAgainMs,
          onEmpty,
        });
        ofTenant.set(key, channel);
        return channel;
      },
    };
  }

  async function readChanges(subscription: Subscription, after: bigint): Promise<EventPage> {
    const { tenant, organizationId, workspaceId, deviceNos, metricNos } = subscription;
    const scope = { tenantId: tenant.id, organizationId, workspaceId };
    const db = deps.openTelemetryDb(tenant, scope);
    // Looked up again and again: what a context sees changes while its streams go on.
    const view = await deps.directory.view(db, scope);
    const seen = deviceNos?.filter((no) => view.deviceByNo(no)) ?? view.devices.map(({ no }) => no);
    // After a night away every series may have changed.
    const page = await listChanged(db.leased, after, seen, metricNos, pageSize);
    return pageOf(page, view);
  }
}

function pageOf({ readings, count, reached, last }: ChangedPage, view: DirectoryView): EventPage {
  const isLast = count < pageSize;
  const items = readings.flatMap((reading) => itemJson(reading, view) ?? []);
  return {
    events:
      items.length === 0
        ? []
        : [{ id: reached.toString(), type: 'readings', data: `{"readings":[${items.join(',')}]}` }],
    position: isLast ? last : reached,
    isLast,
  };
}

function itemJson(reading: LatestReading, view: DirectoryView): string | null {
  const device = view.deviceByNo(reading[0]);
  const fields = readingFields(reading, view);
  if (device === undefined || fields === null) return null;
  return `{"device_id":"${device.id}","device":${JSON.stringify(device.code)},${fields}}`;
}
