import { writeFileSync } from 'node:fs';
import { createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import { drawDay } from './draw-day.js';

// A day of a machine as a picture, from nothing but the API's answers:
//   PLATEN_PASSWORD=… node sdk/dist/examples/plot-day.js carousel-1 impressions 2026-11-20 day.svg

const [device, metric, date, file] = process.argv.slice(2);
if (device === undefined || metric === undefined || date === undefined || file === undefined) {
  throw new Error('Say a device, a counter, a date and a file to write');
}
const { CONTROL_URL = 'http://acme.localhost:4000', DATA_URL = 'http://acme.localhost:4001' } = process.env;
const { PLATEN_EMAIL = 'press@acme.test', PLATEN_PASSWORD = '' } = process.env;

const client = createClient({ controlUrl: CONTROL_URL, dataUrl: DATA_URL, transport: createNodeTransport() });
await client.auth.login({ email: PLATEN_EMAIL, password: PLATEN_PASSWORD });

// One bucket of a day: the answer says when that day begins and ends where the shop is, and in which time zone.
const noon = `${date}T12:00:00.000Z`;
const afterNoon = `${date}T12:00:01.000Z`;
const whole = await client.telemetry.series.read({
  ...{ devices: device, metrics: metric, from: noon, to: afterNoon, step: '1d', aggregate: 'increase' },
});
const span = { devices: device, from: whole.from, to: whole.to };
const stepMs = 900_000;
const [counted, state] = await Promise.all([
  client.telemetry.series.read({ ...span, metrics: metric, step: '15m', aggregate: 'increase', gaps: true }),
  client.telemetry.series.read({ ...span, metrics: 'machine_state', step: 'raw', aggregate: 'last' }),
]);
const [line] = counted.series;
const [band] = state.series;
if (line === undefined || band === undefined) throw new Error('The answer has a series for each device and metric');

const total = whole.series[0]?.v[0] ?? 0;
const svg = drawDay({
  title: `${device}, ${date} (${whole.time_zone}): ${total} ${metric}`,
  fromMs: Date.parse(whole.from),
  toMs: Date.parse(whole.to),
  timeZone: whole.time_zone,
  counted: { ...line, stepMs, label: `${metric} a minute` },
  state: band,
});
writeFileSync(file, svg);
process.stdout.write(`${file}: ${line.t.length} steps, ${line.gaps?.length ?? 0} gaps, ${band.t.length} states\n`);
