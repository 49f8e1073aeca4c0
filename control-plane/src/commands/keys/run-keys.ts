import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { v7 as uuidv7 } from 'uuid';
import {
  type Author,
  createKeyService,
  type KeyService,
  type SigningKey,
  type TextCipher,
} from '../../modules/keys/index.js';
import { exitCodes, UsageError } from '../run-command.js';

export const keysUsage = `usage: npm run keys -- <command>
  list                 the keys, newest first, and which instances lack one
  publish              make the next key and tell every instance of it
  activate [kid]       sign with the next key; refused as long as a live instance lacks it
  rotate [--timeout s] publish, wait until every live instance holds the key, activate (300 s at most)
  revoke <kid>         refuse everything that the key has signed, from now on`;

export interface KeysDeps {
  readonly db: Queryable & { transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> };
  readonly cipher: TextCipher;
  readonly print: (line: string) => void;
  readonly pollMs?: number;
}

/** @throws UsageError */
export async function runKeys(args: readonly string[], deps: KeysDeps): Promise<number> {
  const keys = createKeyService(deps);
  const [command = '', ...rest] = args;
  // Words that nobody reads would be obeyed in part: `publish --dry-run` publishes.
  if (rest.length > (mostWords[command] ?? 0)) throw new UsageError(`too many words\n${keysUsage}`);
  const work = {
    list: () => listKeys(keys, deps),
    publish: async () => {
      deps.print(describe(await keys.publishKey(author(), write(deps))));
    },
    activate: async () => {
      deps.print(describe(await keys.activateKey(author(), write(deps), rest[0])));
    },
    rotate: () => rotate(keys, deps, timeoutOf(rest)),
    revoke: async () => {
      const [kid] = rest;
      if (kid === undefined) throw new UsageError(`which key?\n${keysUsage}`);
      deps.print(describe(await keys.revokeKey(author(), write(deps), kid)));
      await listKeys(keys, deps);
    },
  }[command];
  if (work === undefined) throw new UsageError(`unknown command\n${keysUsage}`);
  try {
    await work();
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.print(`refused (${error.code}): ${error.message}`);
    return error.code === 'keys_not_held' ? exitCodes.refused : exitCodes.failed;
  }
}

const mostWords: Readonly<Record<string, number>> = { activate: 1, rotate: 2, revoke: 1 };

const write =
  ({ db }: KeysDeps) =>
  <R>(work: (tx: Tx) => Promise<R>): Promise<R> =>
    db.transaction(work);

const author = (): Author => {
  const newId = () => uuidv7();
  return { principal: null, ip: null, correlationId: `command-${newId()}`, newId, actor: { type: 'system', id: null } };
};

async function listKeys(keys: KeyService, { db, print }: KeysDeps): Promise<void> {
  for (const key of await keys.listKeys(db)) print(describe(key));
}

/** A published key is used, not a second one made: a rotation that was broken off goes on. */
async function rotate(keys: KeyService, deps: KeysDeps, timeoutMs: number): Promise<void> {
  const { db, print, pollMs = 500 } = deps;
  const find = async () => (await keys.listKeys(db)).find(({ status }) => status === 'next');
  const next = (await find()) ?? (await keys.publishKey(author(), write(deps)));
  print(`published ${next.kid}`);
  const endsAtMs = performance.now() + timeoutMs;
  let told = '';
  for (;;) {
    const key = await find();
    if (key === undefined || key.kid !== next.kid)
      throw new AppError('not_found', `${next.kid} is not the next key any more`);
    const waitingFor = key.not_held_by.map(({ id, kind }) => `${kind} ${id}`).join(', ');
    if (waitingFor === '') break;
    if (waitingFor !== told) print(`waiting for ${waitingFor}`);
    told = waitingFor;
    if (performance.now() > endsAtMs) break;
    await delay(pollMs);
  }
  print(describe(await keys.activateKey(author(), write(deps), next.kid)));
}

function timeoutOf(args: readonly string[]): number {
  if (args.length === 0) return 300_000;
  const seconds = Number(args[1]);
  if (args[0] !== '--timeout' || !Number.isFinite(seconds) || seconds < 0) throw new UsageError(keysUsage);
  return seconds * 1000;
}

function describe({ kid, status, activated_at, retires_at, not_held_by }: SigningKey): string {
  const parts = [kid, status.padEnd(8)];
  if (activated_at !== null) parts.push(`active since ${activated_at}`);
  if (status === 'retiring') parts.push(`verifies until ${retires_at}`);
  if (not_held_by.length > 0)
    parts.push(`not held by ${not_held_by.map(({ id, kind }) => `${kind} ${id}`).join(', ')}`);
  return parts.join('  ').trimEnd();
}
