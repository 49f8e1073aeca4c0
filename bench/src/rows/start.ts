import { setTimeout as delay } from 'node:timers/promises';
import { canMeasureCpu, cpuOfProcess, residentMb } from '../measure/cpu.js';
import { spreadOf } from '../measure/statistics.js';
import type { Result, Row } from './row.js';

const idleMs = 5_000;
const names = ['control-plane', 'data-plane'] as const;

export const start: Row = {
  name: 'start',
  title: 'Service start to ready, and resident memory five seconds later',
  async run(context) {
    const platform = await context.platform();
    const seconds = names.map((): number[] => []);
    const cpuSeconds = names.map((): number[] => []);
    const memory = names.map((): number[] => []);
    for (let round = 0; round < 3; round += 1) {
      const services = await platform.another((databases) => databases);
      const running = [];
      for (const [index, name] of names.entries()) {
        const startedAt = performance.now();
        const service = await services.start(name);
        running.push(service);
        seconds[index]?.push((performance.now() - startedAt) / 1000);
        cpuSeconds[index]?.push(cpuOfProcess(service.pid) / 1000);
      }
      await delay(idleMs);
      for (const [index, { pid }] of running.entries()) {
        const resident = residentMb(pid);
        if (resident !== null) memory[index]?.push(resident);
      }
      for (const service of running.reverse()) await service.stop();
    }
    return names.flatMap((name, index): Result[] => [
      {
        label: `${name}: ready`,
        unit: 's',
        value: spreadOf(seconds[index] ?? []),
        must: 1.5,
        goal: 0.7,
        ...(canMeasureCpu() && {
          detail: `${spreadOf(cpuSeconds[index] ?? []).median.toFixed(2)} s of CPU until then`,
        }),
      },
      ...residentOf(name, memory[index] ?? []),
    ]);
  },
};

/** Without /proc there is nothing to say. */
const residentOf = (name: string, megabytes: readonly number[]): Result[] =>
  megabytes.length === 0
    ? []
    : [{ label: `${name}: resident`, unit: 'MB', value: spreadOf(megabytes), must: 130, goal: 90 }];
