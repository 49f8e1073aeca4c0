import { createLru } from '@platen/chassis/cache/lru';
import { type RateLimit, type RateLimits, rateLimit } from '@platen/chassis/cache/token-buckets';
import type { ScopedDb } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { DeviceVerifier } from '@platen/chassis/http/tenant-rules';
import type { DevicePrincipal } from '@platen/chassis/http/types';
import { isOpenContext, type Tenant } from '../../../feed/tenant.js';
import type { ModuleDeps } from '../../module.js';
import { findPresentedCredential, type PresentedCredential, updateLastUsed } from './credentials-repo.js';
import { hashSecret, isHashOf, parseSecret } from './secret.js';

/** How long what a secret opens, or that it opens nothing, is taken for granted: what changes elsewhere is known here by then. */
const keptMs = 60_000;
const maxKept = 50_000;
/** Wrong secrets of a network, a minute: each that is new counts once. */
const perNetwork = rateLimit('device-credential-failures', 30);
/** Secrets of a network that were not seen here before, right or wrong, a minute: what looking them up may cost. */
const lookUps = rateLimit('device-credential-look-ups', 1_200);

export interface DeviceGuard extends DeviceVerifier<Tenant> {
  /** After a change of its credentials or devices here: they are looked up again. */
  forget(tenantId: string): void;
}

interface Kept {
  readonly tenantId: string;
  /** null: it opens nothing. */
  readonly device: DevicePrincipal | null;
  /** Milliseconds since 1970. */
  readonly endsAtMs: number;
  readUntilMs: number;
}

type Caller = Parameters<DeviceGuard['verify']>[1];
const refusal = () => new AppError('invalid_device_credential');

/** Who a device is, by its secret: from memory, else from the rows of the organization that the secret names. */
export function createDeviceGuard({
  feed,
  openTelemetryDb,
  limits,
}: Pick<ModuleDeps, 'feed' | 'openTelemetryDb'> & { readonly limits: RateLimits }): DeviceGuard {
  /** By tenant and hash: a secret itself is not kept, and what opens something at one host opens nothing at another. */
  const kept = createLru<Kept>(maxKept);
  let forgotten = 0;

  function draw({ tenant, network, nowMs }: Caller, limit: RateLimit): void {
    const taken = limits.take(`${tenant.id} ${limit.name} ${network}`, limit, 1, nowMs);
    if (!taken.allowed) throw new AppError('too_many_attempts', undefined, { retryAfterSeconds: taken.resetSeconds });
  }

  function keep(key: string, caller: Caller, found: PresentedCredential | null, since: number): void {
    kept.set(key, {
      tenantId: caller.tenant.id,
      device: found && principalOf(found),
      endsAtMs: found?.expires_at == null ? Number.POSITIVE_INFINITY : Date.parse(found.expires_at),
      // What was read before a change is not to be trusted, and was good for the request that read it.
      readUntilMs: since === forgotten ? caller.nowMs + keptMs : 0,
    });
  }

  async function lookUp(secret: string, hash: string, key: string, caller: Caller): Promise<DevicePrincipal> {
    const since = forgotten;
    const presented = parseSecret(secret);
    const found = presented && (await findIn(caller.tenant, presented.organizationId, presented.prefix));
    const right = isHashOf(hash, found?.row?.secret_hash) && found?.row?.usable === true ? found.row : null;
    keep(key, caller, right, since);
    if (right === null || found === null) {
      // A secret that is right passes: nobody guesses one, and strangers in the same network must not stop machines.
      draw(caller, perNetwork);
      throw refusal();
    }
    if (!right.used_lately) await updateLastUsed(found.db.leased, right.id);
    return openOf(caller.tenant, principalOf(right));
  }

  async function findIn(tenant: Tenant, organizationId: string, prefix: string) {
    const db: ScopedDb = openTelemetryDb(tenant, { tenantId: tenant.id, organizationId, workspaceId: null });
    return { db, row: await findPresentedCredential(db, prefix) };
  }

  /** An organization that is closed has no devices that send. Memory too is asked each time: it changes by the feed. */
  function openOf(tenant: Tenant, device: DevicePrincipal): DevicePrincipal {
    if (isOpenContext(feed.organization(tenant.id, device.organizationId), device.workspaceId)) return device;
    throw new AppError('context_not_allowed');
  }

  return {
    verify(secret, caller) {
      const { tenant, nowMs } = caller;
      const hash = hashSecret(secret);
      const key = `${tenant.id} ${hash}`;
      const known = kept.get(key);
      if (known !== undefined && nowMs < known.readUntilMs) {
        if (known.device === null || nowMs >= known.endsAtMs) throw refusal();
        return openOf(tenant, known.device);
      }
      if (known?.device == null) draw(caller, lookUps);
      return lookUp(secret, hash, key, caller);
    },
    forget(tenantId) {
      forgotten += 1;
      for (const known of kept.values()) if (known.tenantId === tenantId) known.readUntilMs = 0;
    },
  };
}

const principalOf = (row: PresentedCredential): DevicePrincipal => ({
  kind: 'device',
  id: row.device_id,
  sessionId: null,
  organizationId: row.organization_id,
  workspaceId: row.workspace_id,
  has: () => false,
});
