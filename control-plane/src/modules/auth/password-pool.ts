import { AppError } from '@platen/chassis/http/app-error';
import { createFairThreads, type FairThreads } from '@platen/chassis/threads/fair-threads';
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

const platform = 'platform';

export interface PasswordPoolOptions {
  readonly threads: number;
  /** Sign-ins that may wait for a thread, of one tenant an eighth of them; the next one is refused with `sign_in_busy`. */
  readonly maxQueue: number;
  readonly parameters?: HashParameters;
}

/**
 * argon2id in threads of its own: 10 to 20 ms and 19 MiB a hash would otherwise hold up file and DNS work in libuv's
 * threads. Started with the first sign-in; threads that stay idle are given back.
 */
export function createPasswordPool(options: PasswordPoolOptions): PasswordPool {
  const threads = createFairThreads<PasswordTask, string | boolean>({
    worker: new URL('./password-worker.js', import.meta.url),
    threads: options.threads,
    maxQueue: options.maxQueue,
    busy: () => new AppError('sign_in_busy', undefined, { retryAfterSeconds: 1 }),
  });
  return passwordsBy(threads, options.parameters);
}

export function passwordsBy(
  { run, close }: FairThreads<PasswordTask, string | boolean>,
  parameters: HashParameters = hashParameters,
): PasswordPool {
  const decoy = decoyHash(parameters);
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
    close,
  };
}
