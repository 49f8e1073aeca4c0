import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createLogger } from '@platen/chassis/log/logger';
import type { ExportPayload } from '@platen/schema/contracts/internal/export-rows';
import t from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { exportProcessor } from './export.js';

const payload: ExportPayload = {
  resource: 'orders',
  format: 'csv',
  filter: {},
  columns: [{ key: 'number', type: 'text', header: 'Number' }],
  file_name: 'orders.csv',
  sheet_name: 'Orders',
  bom: false,
  today: '2026-11-21',
  time_zone: 'UTC',
};
const scope = { tenant_id: uuidv7(), organization_id: uuidv7(), workspace_id: null };

/** What a plane keeps of one export with two rows, and the attempts at it: each knows what the plane was told. */
function openJob() {
  const kept = { cursor: null as string | null, parts: new Map<number, Blob | string>(), file: null as string | null };
  const fileOf = (content: string) => ({ file_id: uuidv7(), file_name: 'orders.csv', byte_size: content.length });
  const client = {
    jobs: {
      progress: async ({ cursor }: { cursor: string }) => {
        kept.cursor = cursor;
        return { cancel: false };
      },
    },
    exportRows: { list: async () => ({ rows: [['SO-1'], ['SO-2']], next: null, total: 2 }) },
    jobFiles: {
      list: async () => ({ file: kept.file === null ? null : fileOf(kept.file), parts: [...kept.parts] }),
      putPart: async ({ part, file }: { part: number; file: Blob | string }) => kept.parts.set(part, file),
      getPart: async ({ part }: { part: number }) => new Response(kept.parts.get(part)),
      put: async ({ file }: { file: Readable }) => {
        const content = await text(file);
        kept.file = content;
        kept.parts.clear();
        return fileOf(content);
      },
    },
  };
  // The calls that an export makes, and nothing else of the client.
  const processor = exportProcessor(client as unknown as Parameters<typeof exportProcessor>[0]);
  let attempt = 0;
  const run = () => {
    attempt += 1;
    const { cursor } = kept;
    const job = {
      id: uuidv7(),
      attempt,
      kind: 'export' as const,
      title: 'Orders',
      payload,
      requested_by: null,
      cursor,
    };
    const { signal } = new AbortController();
    const log = createLogger({ service: 'test', level: 'silent' });
    return processor.run(
      { ...job, progress: 0, progress_total: null, lease_seconds: 30 },
      { signal, scope, holder: { owner: uuidv7(), attempt }, correlationId: 'test', log, progress: () => undefined },
    );
  };
  return { kept, run };
}

t.test('killed when the file was stored, before it could say anything: the next knows its rows', async (t) => {
  const { run } = openJob();
  await run();
  t.match(await run(), { rows: 2 });
});

t.test('the file was deleted meanwhile, and with it went the parts: all is read again', async (t) => {
  const { kept, run } = openJob();
  await run();
  kept.file = null;
  t.match(await run(), { rows: 2 });
  t.match(kept.file, /SO-2/);
});
