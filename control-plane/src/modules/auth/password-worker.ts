import { hashSync, verifySync } from '@node-rs/argon2';
import type { HashParameters } from './password-hash.js';

export type PasswordTask =
  | { readonly kind: 'hash'; readonly password: string; readonly parameters: HashParameters }
  | { readonly kind: 'verify'; readonly password: string; readonly hash: string };

/** Runs in a thread of the password pool, so blocking is what it is for. */
export default function run(task: PasswordTask): string | boolean {
  if (task.kind === 'verify') return verifySync(task.hash, task.password);
  const { memoryKib, passes, lanes } = task.parameters;
  // argon2id is the library's default algorithm, 19 its version.
  return hashSync(task.password, { memoryCost: memoryKib, timeCost: passes, parallelism: lanes });
}
