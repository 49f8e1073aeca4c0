import { fileURLToPath } from 'node:url';
import { FairQueue } from '@platen/chassis/db/fair-queue';
import { AppError } from '@platen/chassis/http/app-error';
import { Piscina } from 'piscina';
import { decoyHash, type HashParameters, hashParameters, needsRehash } from './password-hash.js';
import type { PasswordTask } from './password-worker.js';

export interface PasswordCheck {
  readonly valid: boolean;
  /** Valid, but made with parameters of another time. */
  readonly outdated: boolean;
}

/**
 * `tenantId`: whose turn it takes. Tenants are served in turns, and one may fill its own part of the queue only, so that
 * its flood refuses nobody else. Without: the platform's own.
 */
export interface PasswordPool {
  /** @throws AppError sign_in_busy */
  hash(password: string, tenantId?: string): Promise<string>;
  /**
   * `stored` null (nobody has this e-mail, or they never set a password) costs the same and is never valid.
   * @throws AppError sign_in_busy
   */
  verify(password: string, stored: string | null, tenantId?: string): Promise<PasswordCheck>;
  close(): Promise<void>;
}

export interface PasswordPoolOptions {
  readonly threads: number;
  /** Sign-ins that may wait for a thread, of one tenant an eighth of them; the next one is refused with `sign_in_busy`. */
  readonly maxQueue: number;
  readonly parameters?: HashParameters;
}

interface Waiting {
  readonly task: PasswordTask;
  readonly resolve: (result: Promise<string | boolean>) => void;
}

const tenantShare = 8;
const platform = 'platform';

/**
 * argon2id in threads of its own: 10 to 20 ms and 19 MiB a hash would otherwise hold up file and DNS work in libuv's
 * threads. Started with the first sign-in; threads that stay idle are given back.
 */
export function createPasswordPool(options: PasswordPoolOptions): PasswordPool {
  const parameters = options.parameters ?? hashParameters;
  const decoy = decoyHash(parameters);
  const queue = new FairQueue<Waiting>(options.maxQueue, Math.max(1, Math.ceil(options.maxQueue / tenantShare)));
  let threads: Piscina<PasswordTask, string | boolean> | undefined;
  let running = 0;

  const start = () =>
    new Piscina<PasswordTask, string | boolean>({
      filename: fileURLToPath(new URL('./password-worker.js', import.meta.url)),
      minThreads: 0,
      maxThreads: options.threads,
      idleTimeout: 60_000,
      concurrentTasksPerWorker: 1,
    });

  async function runNow(task: PasswordTask): Promise<string | boolean> {
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

  function run(task: PasswordTask, tenantId: string): Promise<string | boolean> {
    if (running < options.threads) return runNow(task);
    return new Promise((resolve, reject) => {
      // Nobody waits too long to be worth an answer: the queue is short.
      if (queue.push(tenantId, { task, resolve }, Number.POSITIVE_INFINITY)) return;
      reject(new AppError('sign_in_busy', undefined, { retryAfterSeconds: 1 }));
    });
  }

  return {
    async hash(password, tenantId = platform) {
      return String(await run({ kind: 'hash', password: password.normalize('NFKC'), parameters }, tenantId));
    },
    async verify(password, stored, tenantId = platform) {
      const hash = stored ?? decoy;
      const matches = await run({ kind: 'verify', password: password.normalize('NFKC'), hash }, tenantId);
      const valid = matches === true && stored !== null;
      return { valid, outdated: valid && needsRehash(hash, parameters) };
    },
    async close() {
      for (const { resolve } of queue.drain()) resolve(Promise.reject(new AppError('draining')));
      await threads?.destroy();
    },
  };
}
