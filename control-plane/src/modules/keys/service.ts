import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { CallCtx } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import type { signingKeys } from '@platen/schema/contracts/platform/signing-keys';
import { type AuditActor, recordAudit } from '../audit/index.js';
import { appendSigningKeys, type LiveInstance, listLiveInstances } from '../feed/index.js';
import { makeKey } from './make-key.js';
import type { TextCipher } from './private-key-cipher.js';
import * as repo from './repo.js';

export type SigningKey = OutputOf<typeof signingKeys.publish>;

/** Who changes keys: an administrator's call, a command, or time. */
export interface Author extends Pick<CallCtx, 'principal' | 'ip' | 'correlationId' | 'newId'> {
  readonly actor?: AuditActor;
}
/** Runs the work in one transaction: `ctx.write` of a call. */
export type Write = <R>(work: (tx: Tx) => Promise<R>) => Promise<R>;

export interface KeyService {
  listKeys(db: Queryable): Promise<SigningKey[]>;
  /** Makes the next key and tells everybody of it. @throws AppError illegal_transition when there is one already */
  publishKey(author: Author, write: Write): Promise<SigningKey>;
  /**
   * The next key signs from now on, the one before verifies until its last token has run out.
   * @throws AppError not_found when there is no such next key, keys_not_held
   */
  activateKey(author: Author, write: Write, kid?: string): Promise<SigningKey>;
  /** What it signed is refused from now on. @throws AppError not_found, illegal_transition */
  revokeKey(author: Author, write: Write, kid: string): Promise<SigningKey>;
}

/** The longest-lived tokens, of services, and time for instances that sign with the old key a moment longer. */
export const retireAfterSeconds = 3_600 + 300;

export function createKeyService({ cipher }: { readonly cipher: TextCipher }): KeyService {
  return {
    async listKeys(db) {
      const [keys, instances] = await Promise.all([repo.listKeys(db), listLiveInstances(db)]);
      return keys.map((key) => describe(key, instances));
    },

    async publishKey(author, write) {
      const made = await makeKey(cipher);
      return write(async (tx) => {
        await repo.lockKeys(tx);
        const keys = await repo.listKeys(tx);
        const known = keys.find(({ status }) => status === 'next');
        if (known !== undefined) {
          throw new AppError('illegal_transition', `The key ${known.kid} is published already; activate or revoke it`);
        }
        const key = await repo.insertKey(tx, made, 'next');
        return announce(tx, author, 'publish', null, key);
      });
    },

    activateKey: (author, write, kid) =>
      write(async (tx) => {
        await repo.lockKeys(tx);
        const keys = await repo.listKeys(tx);
        const next = keys.find((key) => key.status === 'next' && (kid === undefined || key.kid === kid));
        if (next === undefined) throw new AppError('not_found', 'There is no such key to activate; publish one first');
        const lacking = lackingOf(next.kid, await listLiveInstances(tx));
        if (lacking.length > 0) throw keysNotHeld(lacking);
        return activate(tx, author, next, keys);
      }),

    async revokeKey(author, write, kid) {
      // Before the lock. Most likely it is needed: nobody revokes the active key without reason.
      const spare = await makeKey(cipher);
      return write(async (tx) => {
        await repo.lockKeys(tx);
        const before = await repo.findKey(tx, kid);
        if (before === undefined) throw new AppError('not_found');
        const revoked = await repo.updateKeyStatus(tx, kid, 'revoked');
        if (revoked === undefined) throw new AppError('illegal_transition', `The key is ${before.status}`);
        if (before.status === 'active') await replaceActive(tx, author, spare);
        return announce(tx, author, 'revoke', before, revoked);
      });
    },
  };
}

async function activate(tx: Tx, author: Author, next: repo.KeyRow, keys: readonly repo.KeyRow[]): Promise<SigningKey> {
  for (const old of keys.filter(({ status }) => status === 'active')) {
    const retiring = await repo.updateKeyStatus(tx, old.kid, 'retiring', retireAfterSeconds);
    if (retiring !== undefined) record(tx, author, 'retire', old, retiring);
  }
  const active = await repo.updateKeyStatus(tx, next.kid, 'active');
  if (active === undefined) throw new AppError('illegal_transition');
  return announce(tx, author, 'activate', next, active);
}

/** The next key, if everybody holds it; else a new one at once: those who have not heard of it yet ask for the key set. */
async function replaceActive(tx: Tx, author: Author, spare: repo.NewKey): Promise<void> {
  const [keys, instances] = await Promise.all([repo.listKeys(tx), listLiveInstances(tx)]);
  const next = keys.find(({ status }) => status === 'next');
  if (next !== undefined && lackingOf(next.kid, instances).length === 0) {
    const active = await repo.updateKeyStatus(tx, next.kid, 'active');
    if (active !== undefined) record(tx, author, 'activate', next, active);
  } else {
    record(tx, author, 'activate', null, await repo.insertKey(tx, spare, 'active'));
  }
}

type Action = 'publish' | 'activate' | 'retire' | 'revoke';

function record(tx: Tx, author: Author, action: Action, before: repo.KeyRow | null, after: repo.KeyRow): void {
  recordAudit(tx, author, null, {
    action: `signing_key.${action}`,
    target: `signing_key:${after.kid}`,
    before: before === null ? null : shown(before),
    after: shown(after),
    ...(author.actor && { actor: author.actor }),
  });
}

async function announce(
  tx: Tx,
  author: Author,
  action: Action,
  before: repo.KeyRow | null,
  after: repo.KeyRow,
): Promise<SigningKey> {
  record(tx, author, action, before, after);
  const instances = await listLiveInstances(tx);
  appendSigningKeys(tx);
  return describe(after, instances);
}

const lackingOf = (kid: string, instances: readonly LiveInstance[]): LiveInstance[] =>
  instances.filter(({ keyIds }) => !keyIds.includes(kid));

function keysNotHeld(lacking: readonly LiveInstance[]): AppError {
  const instances = lacking.map(({ id, kind }) => ({ id, kind }));
  return new AppError(
    'keys_not_held',
    `Not held yet by ${instances.map(({ id, kind }) => `${kind} ${id}`).join(', ')}`,
    {
      extensions: { instances },
    },
  );
}

const shown = (key: repo.KeyRow) => ({
  kid: key.kid,
  status: key.status,
  activated_at: key.activated_at?.toISOString() ?? null,
  retires_at: key.retires_at?.toISOString() ?? null,
});

/** Who lacks a key matters as long as it verifies. */
function describe(key: repo.KeyRow, instances: readonly LiveInstance[]): SigningKey {
  const verifies = key.status !== 'retired' && key.status !== 'revoked';
  return {
    ...shown(key),
    not_held_by: verifies ? lackingOf(key.kid, instances).map(({ id, kind }) => ({ id, kind })) : [],
    created_at: key.created_at.toISOString(),
    updated_at: key.updated_at.toISOString(),
  };
}

const retiringActor: AuditActor = { type: 'system', id: null };

/** Keys whose last token has run out leave the key set, and lose their private part. Answers how many did. */
export async function retireDueKeys(tx: Tx, author: Author, limit: number): Promise<number> {
  await repo.lockKeys(tx);
  const due = await repo.listDueKeys(tx, limit);
  for (const kid of due) {
    const before = await repo.findKey(tx, kid);
    const retired = await repo.updateKeyStatus(tx, kid, 'retired');
    if (before !== undefined && retired !== undefined) {
      record(tx, { ...author, actor: retiringActor }, 'retire', before, retired);
    }
  }
  if (due.length > 0) appendSigningKeys(tx);
  return due.length;
}
