import { tenants } from '@platen/schema/seeds/identities';
import type { AlertCondition, AlertSeverity, DeviceKind, MetricKind } from '@platen/schema/states/telemetry';

const { organizations } = tenants.acme;
const { 'main-street': mainStreet, harbor } = organizations['acme-print'].workspaces;

/** How a machine behaves: what it measures follows from it. */
export type Behaviour =
  | { readonly does: 'makes'; readonly counter: MetricCode; readonly aMinute: number; readonly breaks?: MetricCode }
  | { readonly does: 'heats'; readonly celsius: number }
  | { readonly does: 'watches'; readonly celsius: number; readonly humidity: number };

export interface SeedDevice {
  readonly code: string;
  readonly name: string;
  readonly kind: DeviceKind;
  readonly workspaceId: string;
  readonly behaviour: Behaviour;
}

export interface SeedMetric {
  readonly name: string;
  readonly unit: string | null;
  readonly kind: MetricKind;
  readonly expectedIntervalMs: number | null;
}

export const counterEveryMs = 180_000;
export const heatEveryMs = 300_000;
export const climateEveryMs = 900_000;

export const metrics = {
  impressions: { name: 'Impressions', unit: null, kind: 'counter', expectedIntervalMs: counterEveryMs },
  stitches: { name: 'Stitches', unit: null, kind: 'counter', expectedIntervalMs: counterEveryMs },
  thread_breaks: { name: 'Thread breaks', unit: null, kind: 'counter', expectedIntervalMs: null },
  cuts: { name: 'Cuts', unit: null, kind: 'counter', expectedIntervalMs: counterEveryMs },
  /** 0 off, 1 waiting, 2 running. */
  machine_state: { name: 'State of the machine', unit: null, kind: 'state', expectedIntervalMs: null },
  belt_temperature: { name: 'Belt temperature', unit: 'Cel', kind: 'gauge', expectedIntervalMs: heatEveryMs },
  air_temperature: { name: 'Air temperature', unit: 'Cel', kind: 'gauge', expectedIntervalMs: climateEveryMs },
  air_humidity: { name: 'Relative humidity', unit: '%', kind: 'gauge', expectedIntervalMs: climateEveryMs },
} as const satisfies Record<string, SeedMetric>;
export type MetricCode = keyof typeof metrics;

const press = (code: string, name: string, workspaceId: string, aMinute: number): SeedDevice => ({
  ...{ code, name, kind: 'press', workspaceId },
  behaviour: { does: 'makes', counter: 'impressions', aMinute },
});
const embroidery = (code: string, name: string, workspaceId: string, aMinute: number): SeedDevice => ({
  ...{ code, name, kind: 'embroidery', workspaceId },
  behaviour: { does: 'makes', counter: 'stitches', aMinute, breaks: 'thread_breaks' },
});

/** The machines of Acme Print. */
export const devices: readonly SeedDevice[] = [
  press('carousel-1', 'Carousel, 12 colours', mainStreet.id, 9),
  press('carousel-2', 'Carousel, 8 colours', mainStreet.id, 7),
  press('manual-press', 'Manual press, 4 colours', mainStreet.id, 1.2),
  press('carousel-harbor', 'Carousel, 6 colours', harbor.id, 6),
  embroidery('six-head-1', 'Embroidery, six heads, by the window', mainStreet.id, 4_200),
  embroidery('six-head-2', 'Embroidery, six heads, by the door', mainStreet.id, 4_000),
  embroidery('single-head', 'Embroidery, one head, for samples', harbor.id, 800),
  {
    ...{ code: 'dryer-1', name: 'Tunnel dryer of the carousels', kind: 'dryer', workspaceId: mainStreet.id },
    behaviour: { does: 'heats', celsius: 162 },
  },
  {
    ...{ code: 'dryer-harbor', name: 'Tunnel dryer at the harbor', kind: 'dryer', workspaceId: harbor.id },
    behaviour: { does: 'heats', celsius: 158 },
  },
  {
    ...{ code: 'cutter', name: 'Vinyl cutter', kind: 'cutter', workspaceId: mainStreet.id },
    behaviour: { does: 'makes', counter: 'cuts', aMinute: 2 },
  },
  {
    ...{ code: 'climate-floor', name: 'Climate of the print floor', kind: 'sensor', workspaceId: mainStreet.id },
    behaviour: { does: 'watches', celsius: 21.5, humidity: 52 },
  },
  {
    ...{ code: 'climate-store', name: 'Climate of the garment store', kind: 'sensor', workspaceId: mainStreet.id },
    behaviour: { does: 'watches', celsius: 18.5, humidity: 48 },
  },
];

export interface SeedRule {
  readonly code: string;
  readonly name: string;
  readonly metric: MetricCode;
  readonly condition: AlertCondition;
  readonly threshold: number;
  readonly clearThreshold: number;
  readonly durationSeconds: number;
  readonly severity: AlertSeverity;
}

export const rules: readonly SeedRule[] = [
  {
    ...{ code: 'dryer-too-hot', name: 'A dryer scorches garments', metric: 'belt_temperature', condition: 'above' },
    ...{ threshold: 175, clearThreshold: 168, durationSeconds: 300, severity: 'critical' },
  },
  {
    ...{ code: 'air-too-dry', name: 'Screens dry in', metric: 'air_humidity', condition: 'below' },
    ...{ threshold: 40, clearThreshold: 43, durationSeconds: 1_800, severity: 'warning' },
  },
  {
    ...{ code: 'air-too-warm', name: 'Too warm to work', metric: 'air_temperature', condition: 'above' },
    ...{ threshold: 26, clearThreshold: 25, durationSeconds: 1_200, severity: 'info' },
  },
];
