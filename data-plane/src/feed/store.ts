import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { Directory } from './directory.js';
import { Revocations, type TokenRefusal, type TokenState } from './revocations.js';
import type { Organization, Tenant } from './tenant.js';

export type SigningKey = (FeedEntity & { kind: 'signing_keys' })['keys'][number];

/** What requests read: memory only. */
export interface FeedReader {
  tenantByHost(host: string): Tenant | undefined;
  tenantById(id: string): Tenant | undefined;
  organization(tenantId: string, id: string): Organization | undefined;
  /** All of them, for what looks after every organization in turn. */
  organizations(): Iterable<Organization>;
  /** `<slug>.<base domain>` and the verified domains: whose `Origin` a cookie-authenticated write may have. */
  hostsOf(tenant: Tenant): string[];
  signingKeys(): readonly SigningKey[];
  /** Why a verified token no longer holds, or null. A tenant that the feed does not know: `token_stale`. */
  refusalOf(tenantId: string, token: TokenState): TokenRefusal | null;
  /** Called after every change of what is above: what was allowed before may not be any more. */
  onChanged(listener: () => void): void;
}

export class FeedOrderError extends Error {
  override readonly name = 'FeedOrderError';
}

export interface FeedStoreOptions {
  readonly baseDomain: string;
  readonly now: () => number;
}

/** The state of the feed in memory. One follower writes; nothing in here awaits, so a reader never sees half a change. */
export class FeedStore implements FeedReader {
  readonly #options: FeedStoreOptions;
  #directory: Directory;
  #revocations = new Revocations();
  #keys: readonly SigningKey[] = [];
  #position = 0n;
  #asOfMs: number | null = null;
  readonly #keyListeners: (() => void)[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor(options: FeedStoreOptions) {
    this.#options = options;
    this.#directory = new Directory(options.baseDomain);
  }

  tenantByHost(host: string): Tenant | undefined {
    return this.#directory.tenantByHost(host);
  }
  tenantById(id: string): Tenant | undefined {
    return this.#directory.tenantById(id);
  }
  organization(tenantId: string, id: string): Organization | undefined {
    return this.#directory.organization(tenantId, id);
  }
  organizations(): IterableIterator<Organization> {
    return this.#directory.organizations();
  }
  hostsOf(tenant: Tenant): string[] {
    return this.#directory.hostsOf(tenant);
  }
  tenants(): IterableIterator<Tenant> {
    return this.#directory.tenants();
  }
  signingKeys(): readonly SigningKey[] {
    return this.#keys;
  }
  refusalOf(tenantId: string, token: TokenState): TokenRefusal | null {
    const tenant = this.#directory.tenantById(tenantId);
    return tenant ? this.#revocations.refusalOf(token, tenant.authzEpoch) : 'token_stale';
  }

  /** `control_changes.seq` of the last change applied. */
  get position(): bigint {
    return this.#position;
  }
  /** When this state was last known to be complete; null before the first snapshot. */
  get asOfMs(): number | null {
    return this.#asOfMs;
  }
  get tenantCount(): number {
    return this.#directory.tenantCount;
  }
  get revocationCount(): number {
    return this.#revocations.size;
  }

  /** Called after the set of signing keys has changed: verifiers drop what they have cached. */
  onKeysChanged(listener: () => void): void {
    this.#keyListeners.push(listener);
  }

  onChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Changes that are not here yet, in order. A repeat is dropped; positions that go back within one batch mean that
   * the sender's order is broken, and nothing of the batch may be used.
   */
  newChanges<C extends { readonly position: string }>(batch: readonly C[]): C[] {
    let previous = -1n;
    return batch.filter((change) => {
      const position = BigInt(change.position);
      if (position <= previous) throw new FeedOrderError(`Position ${position} after ${previous}`);
      previous = position;
      return position > this.#position;
    });
  }

  /** `entity` null: a kind that this reader does not know; the position moves on. */
  apply(position: bigint, entity: FeedEntity | null): void {
    if (position <= this.#position) throw new FeedOrderError(`Position ${position} after ${this.#position}`);
    if (entity) this.#put(entity, this.#options.now());
    this.#position = position;
    this.#tell();
  }

  /** The control plane confirmed that nothing is missing up to the position held. */
  confirm(atMs: number): void {
    this.#asOfMs = atMs;
  }

  /** A store with this state, and with what this one still refuses: revocations only ever end by time. */
  successor(position: bigint, asOfMs: number, entities: Iterable<FeedEntity>): FeedStore {
    const next = new FeedStore(this.#options);
    const nowMs = this.#options.now();
    for (const entity of entities) next.#put(entity, nowMs);
    next.#revocations.absorb(this.#revocations);
    next.#revocations.forgetExpired(nowMs);
    next.#position = position;
    next.#asOfMs = asOfMs;
    return next;
  }

  /** Becomes its successor, which is of no use afterwards. */
  adopt(next: FeedStore): void {
    this.#directory = next.#directory;
    this.#revocations = next.#revocations;
    this.#position = next.#position;
    this.#asOfMs = next.#asOfMs;
    this.#setKeys(next.#keys);
    this.#tell();
  }

  forgetExpired(): void {
    this.#revocations.forgetExpired(this.#options.now());
  }

  /** All of it again as feed entities, for the snapshot file. */
  *entities(): Generator<FeedEntity> {
    yield { kind: 'signing_keys', keys: [...this.#keys] };
    yield* this.#directory.entities();
    yield* this.#revocations.entities();
  }

  #put(entity: FeedEntity, nowMs: number): void {
    if (entity.kind === 'tenant') this.#directory.putTenant(entity);
    else if (entity.kind === 'organization') this.#directory.putOrganization(entity);
    else if (entity.kind === 'user_epoch') {
      this.#revocations.raise(entity.tenant_id, entity.user_id, entity.authz_epoch, nowMs);
    } else if (entity.kind === 'revoked_session') {
      this.#revocations.end(entity.tenant_id, entity.session_id, Date.parse(entity.forget_at), nowMs);
    } else if (entity.kind === 'signing_keys') this.#setKeys(entity.keys);
    else this.#directory.remove(entity.entity, entity.id);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #setKeys(keys: readonly SigningKey[]): void {
    if (JSON.stringify(keys) === JSON.stringify(this.#keys)) return;
    this.#keys = keys;
    for (const listener of this.#keyListeners) listener();
  }
}
