import { request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { plainHeaders } from '../environment/http.js';
import type { BenchPlatform } from '../environment/platform.js';
import { signIn } from '../environment/sign-in.js';
import { type FilePart, supplierFile } from '../environment/supplier-file.js';
import { cpuOfProcess, cpuOfTree, peakResidentMb } from '../measure/cpu.js';
import { type Result, type Row, single } from './row.js';
import { filledErp } from './services.js';

const host = 'acme.localhost';
const mustRowsPerSecond = 5_000;
const goalRowsPerSecond = 10_000;

interface Plane {
  readonly dataUrl: string;
  readonly pid: number;
  readonly postgresPid: number;
  readonly accessToken: string;
}

/** A pair of planes of its own: what its memory was before would be another row's. */
async function startPlane(platform: BenchPlatform): Promise<Plane & { stop(): Promise<void> }> {
  await filledErp(platform);
  const services = await platform.another((databases) => databases);
  const control = await services.start('control-plane');
  const data = await services.start('data-plane');
  const { accessToken } = await signIn(services.urls.control, host, 'admin@acme.test');
  return {
    dataUrl: services.urls.data,
    pid: data.pid,
    postgresPid: platform.postgresPid,
    accessToken,
    stop: async () => {
      await data.stop();
      await control.stop();
    },
  };
}

/** Sends the file as it is made and reads the answer to its last line. */
async function send(
  { dataUrl, accessToken }: Plane,
  part: FilePart,
  isDryRun: boolean,
): Promise<Record<string, unknown>> {
  const outgoing = request(`${dataUrl}/api/erp/catalog/import?dry_run=${isDryRun}`, {
    method: 'POST',
    agent: false,
    headers: { ...plainHeaders(host), authorization: `Bearer ${accessToken}`, 'content-type': 'text/csv' },
  });
  const answered = new Promise<string>((resolve, reject) => {
    outgoing.once('error', reject).once('response', (incoming) => text(incoming).then(resolve, reject));
  });
  await Promise.all([answered, pipeline(Readable.from(supplierFile(part)), outgoing)]);
  const last = (await answered).trimEnd().split('\n').at(-1) ?? '';
  const summary: Record<string, unknown> = JSON.parse(last);
  if (summary['type'] !== 'summary' || summary['refused'] !== 0) throw new Error(`The import ended with ${last}`);
  return summary;
}

async function measure(plane: Plane, label: string, part: FilePart, isDryRun = false): Promise<Result> {
  const cpu = () => [cpuOfProcess(plane.pid), cpuOfTree(plane.postgresPid)] as const;
  const [nodeMs, postgresMs] = cpu();
  const startedAt = performance.now();
  const summary = await send(plane, part, isDryRun);
  const tookMs = performance.now() - startedAt;
  const [nodeAfterMs, postgresAfterMs] = cpu();
  const { variants } = summary as { variants: Record<string, number> };
  const what = label.replace('dry run', 'created');
  if (variants[what] !== part.rows) throw new Error(`${label}: ${JSON.stringify(variants)} of ${part.rows}`);
  const perRow = (ms: number) => Math.round((ms * 1_000) / part.rows);
  return {
    label: `${label}, ${part.rows.toLocaleString('en')} rows, a row`,
    unit: 'µs',
    value: single((tookMs * 1_000) / part.rows),
    must: 1_000_000 / mustRowsPerSecond,
    goal: 1_000_000 / goalRowsPerSecond,
    detail: `${Math.round((part.rows * 1_000) / tookMs)} rows/s; CPU a row ${perRow(nodeAfterMs - nodeMs)} + ${perRow(postgresAfterMs - postgresMs)} µs`,
  };
}

const peak = ({ pid }: Plane, rows: number): Result[] => {
  const megabytes = peakResidentMb(pid);
  if (megabytes === null) return [];
  return [
    { label: `data plane: peak resident after ${rows.toLocaleString('en')}`, unit: 'MB', value: single(megabytes) },
  ];
};

export const importCatalogue: Row = {
  name: 'import',
  title: "A supplier's CSV file imported in one request: each row against 5,000 rows/s",
  needsCpu: true,
  async run(context) {
    const plane = await startPlane(await context.platform());
    try {
      const [few, many, some] = [10_000, 200_000, 50_000].map((rows) => Math.round(rows * context.effort.scale)) as [
        number,
        number,
        number,
      ];
      const results: Result[] = [];
      // The first steps of a process are slow for reasons of its own.
      await send(plane, { series: 'warm-', rows: 2_000, cents: 300 }, false);
      const dry = { series: 'd', rows: few, cents: 300 };
      results.push(await measure(plane, 'dry run', dry, true), ...peak(plane, few));
      results.push(await measure(plane, 'created', { ...dry, rows: many }), ...peak(plane, many));
      results.push(await measure(plane, 'unchanged', { ...dry, rows: some }));
      results.push(await measure(plane, 'updated', { ...dry, rows: some, cents: 350 }));
      return results;
    } finally {
      await plane.stop();
    }
  },
};
