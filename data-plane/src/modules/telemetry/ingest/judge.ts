import { dayMs, hourMs } from '@platen/chassis/durations';
import { oldestReadingDays } from '@platen/schema/tables/telemetry/storage';
import type { DirectoryView, KnownDevice, KnownMetric } from '../directory.js';
import type { Parsed, RefusedReading, SentReading } from './parse/parsed.js';
import type { Row } from './repo.js';

export interface Judge {
  readonly view: DirectoryView;
  /** Of a device that sends for itself; null: whoever may send for any that is seen here. */
  readonly ownDeviceId: string | null;
  /** When the request came. */
  readonly arrivedMs: number;
  /** How long raw readings are kept. */
  readonly rawDays: number;
}

export interface Judged {
  readonly rows: JudgedRow[];
  readonly refused: RefusedReading[];
  /** Something had a name that is not known: a newer view may know it. */
  readonly missesNames: boolean;
}

export interface JudgedRow extends Row {
  readonly sent: SentReading;
  readonly device: KnownDevice;
}

/** A sender's clock may be ahead by this much. */
export const aheadMs = hourMs;
/** So that what is just young enough is in its rollups before its day goes. */
const marginMs = hourMs;

/** Before this, nothing is taken: its day is gone, or will be before it was computed. */
export const oldestMs = (arrivedMs: number, rawDays: number): number =>
  arrivedMs - Math.min(rawDays, oldestReadingDays - 1) * dayMs + marginMs;

export function judgeReadings(parsed: Parsed, judge: Judge): Judged {
  const rows: JudgedRow[] = [];
  const refused: RefusedReading[] = [...parsed.refused];
  const oldest = oldestMs(judge.arrivedMs, judge.rawDays);
  const newest = judge.arrivedMs + aheadMs;
  const deviceOf = judge.ownDeviceId === null ? anyDevice(judge.view) : onlyDevice(judge.view, judge.ownDeviceId);
  let missesNames = false;
  for (const sent of parsed.readings) {
    const { line, device: deviceCode, metric: metricCode, value } = sent;
    const refuse = (reason: RefusedReading['reason'], refusedMs?: number): void =>
      void refused.push({
        ...{ line, reason, device: deviceCode, metric: metricCode },
        ...(refusedMs !== undefined && { tsMs: refusedMs }),
      });
    const device = deviceOf(deviceCode);
    const metric = metricOf(judge.view, metricCode);
    const tsMs = sent.tsMs ?? judge.arrivedMs;
    if (device === 'other') refuse('other_device');
    else if (device === undefined || metric === undefined) {
      missesNames = true;
      refuse(device === undefined ? 'unknown_device' : 'unknown_metric');
    } else if (device.status !== 'active') refuse('device_disabled');
    else if (tsMs < oldest) refuse('too_old', tsMs);
    else if (tsMs > newest) refuse('ahead_of_time', tsMs);
    else rows.push({ deviceNo: device.no, metricNo: metric.no, tsMs, value, sent, device });
  }
  return { rows, refused, missesNames };
}

/** As it is stored, or as somebody would write it. */
const normalized = (code: string): string => code.normalize('NFKC').toLowerCase();

type FindDevice = (code: string | null) => KnownDevice | 'other' | undefined;

const anyDevice =
  (view: DirectoryView): FindDevice =>
  (code) =>
    code === null ? undefined : (view.deviceByCode(code) ?? view.deviceByCode(normalized(code)));

/** It learns nothing of others, not even that they are there. */
function onlyDevice(view: DirectoryView, id: string): FindDevice {
  const own = view.deviceById(id);
  return (code) =>
    own === undefined || code === null || code === own.code || normalized(code) === own.code ? own : 'other';
}

const metricOf = (view: DirectoryView, code: string): KnownMetric | undefined =>
  view.metricByCode(code) ?? view.metricByCode(normalized(code));
