import type { AccessToken } from '@platen/chassis/auth/principals';
import type { StoreRef, TenantRef } from '@platen/chassis/http/types';
import type { FeedEntity, FeedTenant } from '@platen/schema/contracts/internal/feed';
import type { LimitCode, ModuleCode } from '@platen/schema/modules';
import type { Span } from '../availability/index.js';

/** What the control plane keeps of a tenant in memory. */
export interface TenantEntry extends TenantRef {
  readonly id: string;
  readonly slug: string;
  readonly status: FeedTenant['status'];
  readonly name: string;
  readonly domains: readonly string[];
  /** What the host that was asked stands for; null: the tenant. */
  readonly store: StoreRef | null;
  readonly authzEpoch: number;
  readonly modules: ReadonlyMap<ModuleCode, Span>;
  readonly limits: Readonly<Partial<Record<LimitCode, number | null>>>;
}

export interface Directory {
  /** By canonical host. */
  find(host: string): TenantEntry | undefined;
  refusalOf(token: AccessToken, tenant: TenantEntry): 'token_revoked' | 'token_stale' | null;
  apply(entity: FeedEntity, nowMs: number): void;
  /** Everything anew: what is not among them is gone. */
  replaceAll(entities: Iterable<FeedEntity>, nowMs: number): void;
  readonly size: number;
}

/** Raised epochs are kept for as long as a token from before could be in time, and some more. */
const keepEpochsMs = 30 * 60_000;

/**
 * Tenants by host, ended sessions and raised epochs: what every request asks, held in memory and kept up by the feed.
 * Nothing in here waits.
 */
export function createDirectory(baseDomain: string): Directory {
  const suffix = `.${baseDomain}`;
  const byId = new Map<string, TenantEntry>();
  const byDomain = new Map<string, TenantEntry>();
  const userEpochs = new Map<string, { readonly epoch: number; readonly forgetAtMs: number }>();
  const revokedSessions = new Map<string, number>();

  function put(tenant: FeedTenant): void {
    remove(tenant.id);
    const entry = entryOf(tenant);
    byId.set(entry.id, entry);
    byDomain.set(entry.slug + suffix, entry);
    for (const domain of entry.domains) byDomain.set(domain, entry);
    for (const { domain, id, organization_id: organizationId, workspace_id: workspaceId } of tenant.stores ?? []) {
      byDomain.set(domain, { ...entry, store: { id, organizationId, workspaceId } });
    }
  }

  function remove(id: string): void {
    const old = byId.get(id);
    if (old === undefined) return;
    byId.delete(id);
    for (const host of [old.slug + suffix, ...old.domains]) {
      // A host may have gone to another tenant meanwhile.
      if (byDomain.get(host)?.id === id) byDomain.delete(host);
    }
  }

  function forget(nowMs: number): void {
    // Both maps are in the order of arrival, so what may go stands in front.
    for (const [id, forgetAtMs] of revokedSessions) {
      if (forgetAtMs > nowMs) break;
      revokedSessions.delete(id);
    }
    for (const [id, { forgetAtMs }] of userEpochs) {
      if (forgetAtMs > nowMs) break;
      userEpochs.delete(id);
    }
  }

  const directory: Directory = {
    get size() {
      return byId.size;
    },
    find: (host) => byDomain.get(host),
    refusalOf({ claims }, tenant) {
      if (revokedSessions.has(claims.sid)) return 'token_revoked';
      const [tenantEpoch, userEpoch] = claims.epo;
      if (tenantEpoch < tenant.authzEpoch) return 'token_stale';
      const raised = userEpochs.get(claims.sub);
      return raised !== undefined && userEpoch < raised.epoch ? 'token_stale' : null;
    },
    apply(entity, nowMs) {
      switch (entity.kind) {
        case 'tenant':
          put(entity);
          break;
        case 'user_epoch':
          userEpochs.delete(entity.user_id);
          userEpochs.set(entity.user_id, { epoch: entity.authz_epoch, forgetAtMs: nowMs + keepEpochsMs });
          break;
        case 'revoked_session':
          revokedSessions.set(entity.session_id, Date.parse(entity.forget_at));
          break;
        case 'removed':
          if (entity.entity === 'tenant') remove(entity.id);
          break;
        case 'organization':
        case 'signing_keys':
          break;
      }
      forget(nowMs);
    },
    replaceAll(entities, nowMs) {
      byId.clear();
      byDomain.clear();
      for (const entity of entities) directory.apply(entity, nowMs);
    },
  };
  return directory;
}

function entryOf(tenant: FeedTenant): TenantEntry {
  return {
    id: tenant.id,
    slug: tenant.slug,
    name: tenant.name,
    status: tenant.status,
    domains: tenant.domains,
    store: null,
    authzEpoch: tenant.authz_epoch,
    modules: new Map(
      tenant.modules.map(({ code, valid_from, valid_until }) => [
        code,
        {
          startsMs: valid_from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(valid_from),
          endsMs: valid_until === null ? Number.POSITIVE_INFINITY : Date.parse(valid_until),
        },
      ]),
    ),
    limits: tenant.limits,
  };
}

/** Does the tenant have the module at this moment? */
export function hasModule({ modules }: Pick<TenantEntry, 'modules'>, code: ModuleCode, nowMs: number): boolean {
  const span = modules.get(code);
  return span !== undefined && span.startsMs <= nowMs && nowMs < span.endsMs;
}
