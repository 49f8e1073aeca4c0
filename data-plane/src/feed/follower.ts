import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@platen/chassis/log/logger';
import { createChecker } from '@platen/chassis/validation/checker';
import { FeedChange } from '@platen/schema/contracts/internal/feed';
import { Type } from 'typebox';
import type { ControlClient, InstanceReport } from './control-client.js';
import type { FeedDisk } from './disk.js';
import { FeedFormatError, parseEntity } from './parse.js';
import { readSnapshotLines } from './read-snapshot.js';
import { FeedOrderError, type FeedStore } from './store.js';

export interface FollowerOptions {
  readonly store: FeedStore;
  readonly disk: FeedDisk;
  readonly client: ControlClient;
  readonly log: Logger;
  readonly instanceId: string;
  /** What heartbeats tell of the databases. Default: nothing. */
  readonly databases?: () => InstanceReport['databases'];
  readonly now?: () => number;
  readonly random?: () => number;
  /** How long one poll may wait for a change. */
  readonly waitSeconds?: number;
  readonly heartbeatMs?: number;
  readonly backOff?: { readonly firstMs: number; readonly longestMs: number };
}

export interface FeedStatus {
  readonly ready: boolean;
  readonly reason?: string;
  /** Since the control plane last said that nothing is missing; null before the first snapshot. */
  readonly ageMs: number | null;
  readonly position: bigint;
  /** Did the last call reach the control plane? */
  readonly isFollowing: boolean;
  /** Would a restart without the control plane find all of it on disk? */
  readonly isOnDisk: boolean;
}

/** Past this age nobody can say any more who was suspended or signed out meanwhile. */
export const maxAgeMs = 24 * 3_600_000;
/** Then the log is folded into the snapshot, or an hour after the last time: the snapshot's date is what a restart has. */
const maxLogByteSize = 4 * 1024 * 1024;
const compactEveryMs = 3_600_000;
const defaultBackOff = { firstMs: 100, longestMs: 1_000 };

// Only the envelope: entities have a reader of their own, which is lenient towards newer senders.
const envelope = createChecker(Type.Object({ position: FeedChange.properties.position, entity: Type.Unknown() }));
type Envelope = { position: string; entity: unknown };

/** Keeps the store at the control plane's state: snapshot, then long poll, for as long as the process lives. */
export class FeedFollower {
  readonly #options: FollowerOptions;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #needsSnapshot = true;
  #isOnDisk = false;
  #compactedAtMs = 0;
  #failures = 0;
  #isFollowing = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Reads the disk, then follows in the background. */
  async start(): Promise<void> {
    await this.#loadFromDisk();
    this.#options.store.onKeysChanged(() => void this.#report());
    this.#running = Promise.all([this.#follow(), this.#beat()]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#options.disk.close();
  }

  status(): FeedStatus {
    const { store } = this.#options;
    const ageMs = store.asOfMs === null ? null : Math.max(0, this.#now() - store.asOfMs);
    const reason = this.#reasonNotReady(ageMs);
    const { position } = store;
    const rest = { ageMs, position, isFollowing: this.#isFollowing, isOnDisk: this.#isOnDisk };
    return reason === undefined ? { ready: true, ...rest } : { ready: false, reason, ...rest };
  }

  #reasonNotReady(ageMs: number | null): string | undefined {
    if (ageMs === null) return 'No configuration: the control plane has not been reached and there is none on disk';
    if (ageMs > maxAgeMs) return 'The configuration is older than 24 hours: the control plane has not been reached';
    if (this.#options.store.signingKeys().length === 0) return 'No keys to verify tokens with';
    return undefined;
  }

  async #loadFromDisk(): Promise<void> {
    const { store, disk, log } = this.#options;
    const { state, problem } = await disk.load();
    if (problem !== undefined) log.error({ problem }, 'feed on disk cannot be used');
    if (!state) return;
    store.adopt(store.successor(state.position, state.asOfMs, state.entities));
    for (const { position, entity } of state.changes) {
      // What the snapshot holds already was left behind by a stop between writing it and cutting the log.
      if (position > store.position) store.apply(position, entity);
    }
    this.#needsSnapshot = state.isForeign;
    this.#isOnDisk = true;
    this.#compactedAtMs = this.#now();
    log.info({ position: String(store.position), tenants: store.tenantCount }, 'feed read from disk');
  }

  async #follow(): Promise<void> {
    const { store, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      store.forgetExpired();
      try {
        if (this.#needsSnapshot) await this.#loadSnapshot();
        await this.#poll();
        if (this.#failures > 0) log.info({ failures: this.#failures }, 'feed follows again');
        this.#failures = 0;
        this.#isFollowing = true;
      } catch (error) {
        if (!signal.aborted) await this.#recover(error);
      }
    }
  }

  async #recover(error: unknown): Promise<void> {
    const { log, backOff = defaultBackOff, random = Math.random } = this.#options;
    const isGone = codeOf(error) === 'feed_gone';
    if (isGone || error instanceof FeedOrderError) this.#needsSnapshot = true;
    this.#isFollowing = false;
    this.#failures += 1;
    // Once when it begins; a control plane that is away for an hour is one event, not thousands.
    if (this.#failures === 1) log.warn({ error }, isGone ? 'feed position is gone' : 'feed is interrupted');
    const longestMs = Math.min(backOff.longestMs, backOff.firstMs * 2 ** Math.min(this.#failures - 1, 20));
    await delay(random() * longestMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #loadSnapshot(): Promise<void> {
    const { store, client, log } = this.#options;
    const askedAtMs = this.#now();
    const { position, entities } = await readSnapshotLines(await client.snapshot(this.#stopping.signal));
    const next = store.successor(position, askedAtMs, entities);
    // The disk first, as with changes: a kill between the two must not leave memory ahead of it.
    await this.#orDiscard(() => this.#save(next));
    store.adopt(next);
    this.#needsSnapshot = false;
    log.info({ position: String(position), tenants: store.tenantCount }, 'feed snapshot loaded');
  }

  async #poll(): Promise<void> {
    const { store, client, waitSeconds = 25 } = this.#options;
    const askedAtMs = this.#now();
    // The first look waits for nothing: it tells whether what is held is complete.
    const wait = this.#isFollowing ? waitSeconds : 0;
    const answer = await client.changes(String(store.position), wait, this.#stopping.signal);
    // The control plane looks once more before it answers that there is nothing: that look counts, not the question's time.
    const answeredAtMs = this.#now();
    const changes = store.newChanges(answer.changes.map(readEnvelope));
    const parsed = changes.map(({ position, entity }) => ({ position: BigInt(position), entity: parseEntity(entity) }));
    if (changes.length > 0 && this.#isOnDisk) await this.#orDiscard(() => this.#options.disk.append(changes));
    for (const { position, entity } of parsed) store.apply(position, entity);
    store.confirm(answeredAtMs);
    const isDue = this.#now() - this.#compactedAtMs > compactEveryMs;
    if (isDue || !this.#isOnDisk || this.#options.disk.logByteSize > maxLogByteSize) await this.#compact();
    // An empty answer at once would otherwise make this a busy loop.
    if (wait > 0 && changes.length === 0 && this.#now() - askedAtMs < minEmptyPollMs) {
      await delay(minEmptyPollMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** Where it fails, snapshot and log stay as they were, which is as good for a restart. */
  async #compact(): Promise<void> {
    const { store, log } = this.#options;
    await this.#save(store).catch((error: unknown) => log.warn({ error }, 'feed snapshot cannot be written'));
  }

  async #save(state: FeedStore): Promise<void> {
    this.#compactedAtMs = this.#now();
    const asOfMs = state.asOfMs ?? this.#now();
    await this.#options.disk.replace({ position: state.position, asOfMs, entities: state.entities() });
    this.#isOnDisk = true;
  }

  /**
   * A disk that fails must not keep a revocation from being applied. But then a restart must not believe what is on it:
   * it is discarded, and written anew as soon as that works.
   */
  async #orDiscard(write: () => Promise<void>): Promise<void> {
    const { disk, log } = this.#options;
    try {
      await write();
    } catch (error) {
      log.error({ error }, 'feed cannot be kept on disk');
      this.#isOnDisk = false;
      await disk.discard().catch((failure: unknown) => log.error({ error: failure }, 'feed on disk is out of date'));
    }
  }

  async #beat(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#report();
      await delay(this.#options.heartbeatMs ?? 10_000, undefined, { signal }).catch(() => undefined);
    }
    const { client, instanceId, log } = this.#options;
    await client.leave(instanceId).catch((error: unknown) => log.debug({ error }, 'leaving unsaid'));
  }

  /** Key rotation waits until every live data plane holds the new key: so it is told at once of a change of keys. */
  async #report(): Promise<void> {
    const { store, client, instanceId, log } = this.#options;
    if (store.asOfMs === null) return;
    const report = {
      instance_id: instanceId,
      kind: 'data-plane' as const,
      feed_position: String(store.position),
      key_ids: store.signingKeys().map(({ kid }) => kid),
      databases: this.#options.databases?.() ?? {},
    };
    await client.report(report, this.#stopping.signal).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) log.debug({ error }, 'heartbeat failed');
    });
  }
}

const minEmptyPollMs = 50;

function readEnvelope(change: unknown): Envelope {
  if (!envelope.check(change)) throw new FeedFormatError('Not a change of the feed');
  return change;
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
