import type { Logger } from '@platen/chassis/log/logger';
import type { Module, ModuleDeps } from '../../module.js';
import { dayOf } from './accounts.js';
import { readingRoutes, readingWorkerRoutes } from './routes.js';
import { createIngest, type Ingest, type IngestDeps } from './service.js';

export { createIngest, type Ingest } from './service.js';

const tellEveryMs = 1_000;

export interface IngestModuleDeps extends ModuleDeps, Omit<IngestDeps, keyof ModuleDeps> {
  readonly log: Logger;
  readonly clock?: (() => number) | undefined;
}

/** Readings in: from devices, and from events. */
export function ingestModule(deps: IngestModuleDeps): Module & { readonly ingest: Ingest } {
  const ingest = createIngest(deps);
  return {
    ingest,
    implementations: readingRoutes(ingest),
    internal: readingWorkerRoutes(deps, ingest),
    background: [keepAccounts(ingest, deps)],
  };
}

/** Until the plane ends: what its last requests leave is told when they are through. */
function keepAccounts(
  { accounts, drained }: Ingest,
  { log, clock = Date.now }: Pick<IngestModuleDeps, 'log' | 'clock'>,
) {
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> | undefined;
  const tell = (): Promise<void> => {
    telling ??= accounts
      .tell(dayOf(clock()))
      .catch((error: unknown) => log.warn({ err: error }, 'use of readings could not be written'))
      .finally(() => {
        telling = undefined;
      });
    return telling;
  };
  return {
    name: 'use of readings',
    start() {
      timer = setInterval(() => void tell(), tellEveryMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await drained();
      await telling;
      await tell();
    },
  };
}
