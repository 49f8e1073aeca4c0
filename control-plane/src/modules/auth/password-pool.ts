import { fileURLToPath } from 'node:url';
import { AppError } from '@platen/chassis/http/app-error';
import { Piscina } from 'piscina';
import { decoyHash, type HashParameters, hashParameters, needsRehash } from './password-hash.js';
import type { PasswordTask } from './password-worker.js';

export interface PasswordCheck {
  readonly valid: boolean;
  /** Valid, but made with parameters of another time. */
  readonly outdated: boolean;
}

export interface PasswordPool {
  hash(password: string): Promise<string>;
  /** `stored` null (nobody has this e-mail, or they never set a password) costs the same and is never valid. */
  verify(password: string, stored: string | null): Promise<PasswordCheck>;
  close(): Promise<void>;
}

export interface PasswordPoolOptions {
  readonly threads: number;
  /** Sign-ins that may wait for a thread; the next one is refused with `sign_in_busy`. */
  readonly maxQueue: number;
  readonly parameters?: HashParameters;
}

/**
 * argon2id in threads of its own: 10 to 20 ms and 19 MiB a hash would otherwise hold up file and DNS work in libuv's
 * threads. Started with the first sign-in; threads that stay idle are given back.
 */
export function createPasswordPool(options: PasswordPoolOptions): PasswordPool {
  const parameters = options.parameters ?? hashParameters;
  const decoy = decoyHash(parameters);
  let threads: Piscina<PasswordTask, string | boolean> | undefined;

  const start = () =>
    new Piscina<PasswordTask, string | boolean>({
      filename: fileURLToPath(new URL('./password-worker.js', import.meta.url)),
      minThreads: 0,
      maxThreads: options.threads,
      maxQueue: options.maxQueue,
      idleTimeout: 60_000,
      concurrentTasksPerWorker: 1,
    });

  async function run(task: PasswordTask): Promise<string | boolean> {
    threads ??= start();
    if (threads.queueSize >= options.maxQueue) throw new AppError('sign_in_busy', undefined, { retryAfterSeconds: 1 });
    return threads.run(task);
  }

  return {
    async hash(password) {
      return String(await run({ kind: 'hash', password: password.normalize('NFKC'), parameters }));
    },
    async verify(password, stored) {
      const hash = stored ?? decoy;
      const matches = await run({ kind: 'verify', password: password.normalize('NFKC'), hash });
      const valid = matches === true && stored !== null;
      return { valid, outdated: valid && needsRehash(hash, parameters) };
    },
    async close() {
      await threads?.destroy();
    },
  };
}
