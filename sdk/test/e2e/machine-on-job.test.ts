import { randomUUID } from 'node:crypto';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { type Client, createClient } from '@platen/sdk';
import { createNodeTransport } from '@platen/sdk/node';
import t from 'tap';
import { startedJob } from './samples-production.js';
import { newDevice, newMetric } from './samples-telemetry.js';
import { sharedPlatform } from './shared-platform.js';
import { victimOf } from './victim.js';
import { allPermissions, createWorld } from './world.js';

// From a press's counter to the board that somebody looks at, through both databases and the worker's process.
const platform = await sharedPlatform(t, 'processes');
await platform.start('telemetry-worker');
t.teardown(() => platform.stop('telemetry-worker'));
const { ports } = platform;
const world = await createWorld(platform, ports.data);
const victim = victimOf(world, platform);
const transport = createNodeTransport();
t.teardown(() => transport.close());

const clientOf = (token: string): Client =>
  createClient({
    controlUrl: `http://acme.localhost:${ports.control}`,
    dataUrl: `http://acme.localhost:${ports.data}`,
    transport,
    token: () => token,
  });
const manager = clientOf(
  world.forger.sign({ ...world.user, sub: randomUUID(), sid: randomUUID(), prm: allPermissions }),
);

t.test(
  'a press counts: the card fills by itself, says when it will be done, and goes on to the next stage',
  async (t) => {
    const { devices } = dataContracts.telemetry;
    const [{ job }, device, metric] = [await startedJob(victim), await newDevice(victim), await newMetric(victim)];
    const { secret } = await victim.call(devices.credentials.create, { params: { id: device.id }, body: {} });
    const press = clientOf(secret ?? '');
    const next = await manager.erp.production.stages.create({
      code: `n-${randomUUID().slice(0, 8)}`,
      name: 'Next',
      position: 950,
    });
    const count = async (value: number) => {
      const { accepted } = await press.telemetry.readings.write({ readings: [{ metric: metric.code, value }] });
      t.equal(accepted, 1);
    };
    await count(100);
    const board = await manager.erp.production.board.get();
    const events = manager.erp.production.board.events({ last_event_id: board.position });
    t.teardown(() => events.return());
    const run = await manager.telemetry.jobRuns.start({
      device_id: device.id,
      metric_id: metric.id,
      job_id: job.id,
      next_stage_id: next.id,
    });
    async function until(isIt: (event: { type: string; data: unknown }) => boolean) {
      for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }) {
        if (event.type === 'reset') throw new Error('Nothing was lost here');
        if ('job_id' in event.data && event.data.job_id === job.id && isIt(event)) return event.data;
      }
      throw new Error('the stream ended');
    }
    t.match(await until(({ type }) => type === 'erp.production_job.machine_changed'), {
      machine: { device_id: device.id, name: device.name },
    });
    await count(110);
    t.match(await until(({ type }) => type === 'erp.production_job.pieces_done'), {
      quantity_done: 10,
      pieces: 10,
      machine: { device_id: device.id, expected_end_at: String },
    });
    await count(124);
    t.match(await until(({ type }) => type === 'erp.production_job.moved'), { quantity_done: 24, stage_id: next.id });
    await manager.telemetry.jobRuns.end({ id: run.id });
    await until(({ type }) => type === 'erp.production_job.machine_changed');
    const done = await manager.erp.production.jobs.get({ id: job.id });
    t.match(done, {
      quantity_done: 24,
      stage_id: next.id,
      machine: null,
      runs: [{ id: run.id, pieces: 24, recorded: 24 }],
    });
    const shown = (await manager.erp.production.board.get()).stages.find(({ id }) => id === next.id);
    t.match(shown?.cards, [{ id: job.id, quantity_done: 24 }]);
  },
);
