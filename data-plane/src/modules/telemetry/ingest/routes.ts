import type { Readable } from 'node:stream';
import { AppError } from '@platen/chassis/http/app-error';
import { implementSite } from '@platen/chassis/http/implement';
import type { Implementation, SiteImplementation } from '@platen/chassis/http/types';
import type { Upload } from '@platen/chassis/http/upload';
import type { OutputOf } from '@platen/schema/contract';
import { maxRefusedReadings, type RefusalReason, readings } from '@platen/schema/contracts/data/telemetry-readings';
import { telemetryReadings } from '@platen/schema/contracts/internal/telemetry-readings';
import type { Tenant } from '../../../feed/tenant.js';
import { implement, type ModuleDeps } from '../../module.js';
import { enterScope } from '../../worker-scope.js';
import type { Hold } from './budget.js';
import { aheadMs } from './judge.js';
import { lineProtocolParser, type Precision } from './parse/line-protocol.js';
import type { BodyParser, RefusedReading } from './parse/parsed.js';
import { jsonParser, ndjsonParser, readDocument } from './parse/read-json.js';
import type { Ingest, Ingested } from './service.js';
import { createSlices, type Slices } from './slices.js';

export function readingRoutes({ budget, storeReadings }: Ingest): Implementation<Tenant>[] {
  const slices = createSlices();
  return [
    implement(readings.write, async ({ ctx, query, upload }) => {
      const { tenant, organizationId, workspaceId, db, principal } = ctx;
      if (organizationId === null) throw new AppError('context_required');
      const hold = budget.hold(tenant.id);
      try {
        const parser = parserOf(upload.mediaType, query.precision ?? 'ns');
        if (upload.whole === null) await parseArriving(upload, parser, hold, slices);
        else {
          hold.add(upload.whole.length);
          parser.push(upload.whole);
        }
        const deviceId = principal?.kind === 'device' ? principal.id : null;
        const sender = { tenant, organizationId, workspaceId, db, deviceId, eventId: null, arrivedAt: ctx.now() };
        return answerOf(await storeReadings(sender, parser.end()));
      } finally {
        hold.release();
      }
    }),
  ];
}

/** For the worker: what came as an event. */
export function readingWorkerRoutes(deps: ModuleDeps, { storeReadings }: Ingest): SiteImplementation[] {
  const inTelemetry = { feed: deps.feed, openDb: deps.openTelemetryDb };
  return [
    implementSite(telemetryReadings.write, async ({ ctx, params, body }) => {
      const { event_id: eventId, readings: given, ...scope } = body;
      const sender = enterScope(inTelemetry, params.tenant_id, scope);
      const parsed = readDocument({ readings: given });
      return answerOf(await storeReadings({ ...sender, deviceId: null, eventId, arrivedAt: ctx.now() }, parsed));
    }),
  ];
}

/** Held while it arrives; then lines are read piece by piece, a document when it is whole. */
async function parseArriving(
  { file, mediaType }: Upload,
  parser: BodyParser,
  hold: Hold,
  slices: Slices,
): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await readBody(file, (chunk) => {
    hold.add(chunk.length);
    chunks.push(chunk);
    bytes += chunk.length;
  });
  for (const piece of mediaType === 'application/json' ? [Buffer.concat(chunks)] : chunks) {
    await slices.turn(bytes);
    parser.push(piece);
  }
}

function parserOf(mediaType: string, precision: Precision): BodyParser {
  if (mediaType === 'application/json') return jsonParser();
  return mediaType === 'application/x-ndjson' ? ndjsonParser() : lineProtocolParser(precision);
}

/** To its end, or to the first piece that is refused. */
function readBody(file: Readable, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    file.on('data', (chunk: Buffer) => {
      try {
        onChunk(chunk);
      } catch (error) {
        file.pause();
        reject(error);
      }
    });
    file.once('end', resolve);
    file.once('error', reject);
    // Dropped without an error: whoever sent it is gone. After its end it is no matter, and an error is dear to make.
    file.once('close', () => file.readableEnded || reject(new AppError('malformed_body')));
  });
}

const details: Readonly<Record<RefusalReason, string>> = {
  malformed: 'It cannot be read as a reading',
  not_finite: 'The value is not a finite number',
  unknown_device: 'No device of this code',
  unknown_metric: 'No metric of this code',
  other_device: 'A device sends readings of its own alone',
  device_disabled: 'The device is disabled',
  too_old: 'is older than what is kept',
  ahead_of_time: `is more than ${aheadMs / 60_000} minutes ahead of our clock`,
  limit_reached: "The plan's readings of today are used up",
};

/** A time is shown as it was read: of another precision than the sender meant, it is far off. */
function detailOf(code: RefusalReason, { detail, tsMs }: Pick<RefusedReading, 'detail' | 'tsMs'>): string {
  if (tsMs === undefined) return detail ?? details[code];
  return `${new Date(tsMs).toISOString()} ${details[code]}`;
}

function answerOf({ accepted, duplicates, refused, clockSkewMs }: Ingested): OutputOf<typeof readings.write> {
  return {
    accepted,
    duplicates,
    refused_count: refused.length,
    refused: refused
      .toSorted((a, b) => a.line - b.line)
      .slice(0, maxRefusedReadings)
      .map(({ line, device, metric, reason: code, ...about }) => ({
        ...{ line, device, metric, code },
        detail: detailOf(code, about),
      })),
    ...(clockSkewMs !== null && { clock_skew_ms: clockSkewMs }),
  };
}
