import { createHash, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { createLogger } from '@platen/chassis/log/logger';
import type { MockupPayload } from '@platen/schema/contracts/internal/mockups';
import { type DataInternalClient, PlatenError } from '@platen/sdk/internal';
import sharp from 'sharp';
import t from 'tap';
import type { ClaimedJob, JobRun } from '../processor.js';
import { createProcessors } from '../processors.js';
import { createComposer } from './composer.js';
import { mockupProcessor } from './mockup.js';

const picture = (background: string, width = 40) =>
  sharp({ create: { width, height: 40, channels: 3, background } })
    .png()
    .toBuffer();
const pictures: Record<string, Buffer> = { artwork: await picture('#f00'), garment: await picture('#fff', 80) };

const source = { file_id: randomUUID(), sha256: '0'.repeat(64), media_type: 'image/png' as const, byte_size: 1 };
const payload: MockupPayload = {
  design_id: randomUUID(),
  product_id: randomUUID(),
  image_id: randomUUID(),
  artwork: source,
  garment: source,
  placement: { x: 0.5, y: 0.5, width: 0.5, height: 0.5, rotation_degrees: 0 },
  blend: 'normal',
  output_width: 2_048,
  file_name: 'tee-crest.png',
};
const job: ClaimedJob = {
  id: randomUUID(),
  attempt: 3,
  kind: 'mockup',
  title: 'Mockup',
  payload,
  requested_by: null,
  progress: 0,
  progress_total: 1,
  cursor: null,
  lease_seconds: 30,
};
const scope = { tenant_id: randomUUID(), organization_id: randomUUID(), workspace_id: randomUUID() };
const holder = { owner: randomUUID(), attempt: 3 };
const newRun = (signal: AbortSignal = new AbortController().signal): JobRun => ({
  signal,
  scope,
  holder,
  correlationId: 'test-mockup',
  log: createLogger({ service: 'erp-worker', level: 'silent' }),
  progress: () => undefined,
});

/** Both calls of the plane, and what it was given. */
function fakePlane(inputs: Record<string, Buffer | PlatenError> = pictures) {
  const asked: unknown[] = [];
  let stored: Buffer | undefined;
  const client = {
    mockups: {
      async input({ which, ...place }: { which: string }) {
        asked.push(place);
        const bytes = inputs[which];
        if (!(bytes instanceof Buffer)) throw bytes;
        return { body: new Blob([new Uint8Array(bytes)]).stream() };
      },
    },
    jobFiles: {
      async put({ file, name, ...place }: { file: AsyncIterable<Buffer>; name: string }) {
        asked.push(place);
        stored = await buffer(file);
        const sha256 = createHash('sha256').update(stored).digest('hex');
        return { file_id: source.file_id, file_name: name, byte_size: stored.length, sha256 };
      },
    },
  };
  // Of the client, what a mockup calls.
  return { client: client as unknown as DataInternalClient, asked, stored: () => stored };
}
t.test('both pictures are fetched, composed and stored, in the job’s name', async (t) => {
  const { client, asked, stored } = fakePlane();
  const result = await mockupProcessor(client).run(job, newRun());
  t.match(result, { kind: 'mockup', file_name: 'tee-crest.png', width: 80, height: 40, cached: false });
  for (const place of asked) t.same(place, { ...scope, id: job.id, ...holder });
  t.equal(asked.length, 3);
  const bytes = stored();
  if (!bytes) throw new Error('nothing was stored');
  // PNG, section 11.2.2: by its header, because where pictures are composed libvips reads them from files alone.
  t.equal(bytes.toString('latin1', 1, 4), 'PNG');
  t.same([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [80, 40]);
});

t.test('what no later try ends otherwise is said to people', async (t) => {
  const gone = new PlatenError('internal.mockups.input', { status: 404, code: 'not_found', title: 'Not found' }, 'c');
  const failing = [
    [fakePlane({ ...pictures, artwork: gone }), { code: 'not_found', message: 'The artwork was deleted' }],
    [
      fakePlane({ ...pictures, garment: Buffer.from('GIF?') }),
      { code: 'file_type_unacceptable', message: /^The garment / },
    ],
  ] as const;
  for (const [{ client }, wanted] of failing) {
    await t.rejects(mockupProcessor(client).run(job, newRun()), { name: 'JobFailure', mayRetry: false, ...wanted });
  }
  const impatient = createComposer({ maxMemoryBytes: 1, timeoutMs: 1 });
  const large = { ...pictures, garment: await picture('#fff', 20_000) };
  await t.rejects(mockupProcessor(fakePlane(large).client, impatient).run(job, newRun()), {
    code: 'mockup_too_costly',
  });
  const unknown = { ...job, payload: { of: 'another version' } };
  await t.rejects(mockupProcessor(fakePlane().client).run(unknown, newRun()), { name: 'JobFailure', mayRetry: false });
});

t.test('cancelled, it ends in the middle and leaves nothing behind', async (t) => {
  let own = '';
  const ending = new AbortController();
  const { client, stored } = fakePlane({ ...pictures, garment: await picture('#fff', 20_000) });
  const composer = createComposer();
  const cancelled = mockupProcessor(client, {
    compose(...task) {
      own = task[1];
      setImmediate(() => ending.abort('cancelled'));
      return composer.compose(...task);
    },
  }).run(job, newRun(ending.signal));
  await t.rejects(cancelled);
  t.equal(stored(), undefined);
  t.ok(own);
  await t.rejects(readdir(own), { code: 'ENOENT' });
});

t.test('switched off, no mockup is taken up', async (t) => {
  const { client } = fakePlane();
  t.equal(createProcessors(client, (flag) => flag !== 'FEATURE_MOCKUPS').mockup, undefined);
  t.ok(createProcessors(client, () => true).mockup);
});
