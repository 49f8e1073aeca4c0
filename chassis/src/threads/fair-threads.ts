import { Piscina } from 'piscina';
import { FairQueue } from '../db/fair-queue.js';
import { AppError } from '../http/app-error.js';

/** Work that would hold the event loop, done in threads of its own; tenants take turns. */
export interface FairThreads<Task, Result> {
  /**
   * `tenantId`: whose turn it takes. One tenant fills its own part of the queue only, so that its flood refuses nobody else.
   * @throws AppError what `busy` makes; draining
   */
  run(task: Task, tenantId: string): Promise<Result>;
  close(): Promise<void>;
}

export interface FairThreadsOptions {
  /** URL of the module whose default export does a task. */
  readonly worker: URL;
  readonly threads: number;
  /** Tasks that may wait for a thread, of one tenant an eighth of them. */
  readonly maxQueue: number;
  readonly busy: () => AppError;
  /** What a thread may use. Default: no bound of its own. */
  readonly maxHeapMb?: number;
}

interface Waiting<Task, Result> {
  readonly task: Task;
  readonly resolve: (result: Promise<Result>) => void;
}

const tenantShare = 8;
const idleTimeoutMs = 60_000;

/** Started with the first task; threads that stay idle are given back. */
export function createFairThreads<Task, Result>(options: FairThreadsOptions): FairThreads<Task, Result> {
  const { threads: maxThreads, maxQueue } = options;
  const queue = new FairQueue<Waiting<Task, Result>>(maxQueue, Math.max(1, Math.ceil(maxQueue / tenantShare)));
  let threads: Piscina<Task, Result> | undefined;
  let running = 0;

  const start = () =>
    new Piscina<Task, Result>({
      filename: options.worker.href,
      minThreads: 0,
      maxThreads,
      idleTimeout: idleTimeoutMs,
      concurrentTasksPerWorker: 1,
      ...(options.maxHeapMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb } }),
    });

  async function runNow(task: Task): Promise<Result> {
    threads ??= start();
    running += 1;
    try {
      return await threads.run(task);
    } finally {
      running -= 1;
      const next = queue.shift();
      next?.item.resolve(runNow(next.item.task));
    }
  }

  return {
    run(task, tenantId) {
      if (running < maxThreads) return runNow(task);
      return new Promise((resolve, reject) => {
        // Nobody waits too long to be worth an answer: the queue is short.
        if (!queue.push(tenantId, { task, resolve }, Number.POSITIVE_INFINITY)) reject(options.busy());
      });
    },
    async close() {
      for (const { resolve } of queue.drain()) resolve(Promise.reject(new AppError('draining')));
      await threads?.destroy();
    },
  };
}
