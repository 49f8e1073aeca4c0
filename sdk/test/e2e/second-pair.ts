import path from 'node:path';
import type { ServiceProcess } from '@platen/chassis/service-process/start';
import { freePort } from '@platen/chassis/testkit/programs';
import { type PlatformOptions, startPlatformService } from '@platen/demo/platform';
import { createCaller, type SendRaw } from './http.js';
import { bundles, type Platform, urlsOf } from './platform.js';

type PlaneName = 'control-plane' | 'data-plane';

/** One more of each plane, over the same databases: its data plane follows its own control plane. */
export interface SecondPair {
  readonly ports: PlatformOptions['ports'];
  readonly control: SendRaw;
  readonly data: SendRaw;
  readonly controlInternal: SendRaw;
  readonly dataInternal: SendRaw;
  start(name: PlaneName): Promise<void>;
  /** SIGKILL. */
  kill(name: PlaneName): Promise<void>;
}

export async function startSecondPair(
  t: { teardown(work: () => Promise<void>): void },
  { databases, secrets, dataDir, ports }: Platform,
  env: PlatformOptions['env'] = {},
): Promise<SecondPair> {
  const [control = 0, data = 0, controlInternal = 0, dataInternal = 0] = await Promise.all(
    Array.from({ length: 4 }, freePort),
  );
  const options: PlatformOptions = {
    ports: {
      control,
      data,
      controlInternal,
      dataInternal,
      workerHealth: ports.workerHealth,
      telemetryHealth: ports.telemetryHealth,
    },
    secrets,
    env,
    ...(bundles !== undefined && { entriesDir: bundles }),
    dataDir: path.join(dataDir, 'second'),
    databases: urlsOf(databases),
  };
  const running = new Map<PlaneName, ServiceProcess>();
  const start = async (name: PlaneName) => {
    running.set(name, await startPlatformService(name, options));
  };
  const kill = async (name: PlaneName) => {
    await running.get(name)?.kill();
    running.delete(name);
  };
  const callers = [control, data, controlInternal, dataInternal].map((port) => createCaller(port));
  t.teardown(async () => {
    for (const { close } of callers) close();
    for (const service of running.values()) await service.stop();
    running.clear();
  });
  // A test that is ended by its time-out must not leave them behind.
  process.once('exit', () => {
    for (const { pid } of running.values()) process.kill(pid, 'SIGKILL');
  });
  await start('control-plane');
  await start('data-plane');
  const [sendControl, sendData, sendControlInternal, sendDataInternal] = callers.map(({ send }) => send);
  // Made of four ports above.
  if (!sendControl || !sendData || !sendControlInternal || !sendDataInternal) throw new Error('no callers');
  return {
    ports: options.ports,
    control: sendControl,
    data: sendData,
    controlInternal: sendControlInternal,
    dataInternal: sendDataInternal,
    start,
    kill,
  };
}
