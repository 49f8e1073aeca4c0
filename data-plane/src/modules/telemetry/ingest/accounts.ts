import { createLru } from '@platen/chassis/cache/lru';
import type { Scope } from '@platen/chassis/db/types';
import type { Tenant } from '../../../feed/tenant.js';
import type { ModuleDeps } from '../../module.js';
import { addUsedPoints, type Seen, touchDevices } from './repo.js';

/** Of a tenant and a day in UTC. */
interface Use {
  readonly tenant: Tenant;
  readonly day: string;
  /** As the database had it last, by all instances. */
  used: number;
  /** Counted here, and not told yet. */
  pending: number;
  telling: number;
}

interface Touched {
  readonly tenant: Tenant;
  readonly scope: Scope;
  readonly seen: Map<string, Seen>;
}

const touchEveryMs = 60_000;
/** Devices whose last touch is remembered: of one that is forgotten the next reading touches it a little early. */
const maxRemembered = 100_000;

const wholeTenant = ({ id }: Tenant): Scope => ({ tenantId: id, organizationId: null, workspaceId: null });

const dayMs = 86_400_000;
let lastDay = { number: Number.NaN, text: '' };

/** In UTC. Nearly every request asks for the same one. */
export function dayOf(ms: number): string {
  const number = Math.floor(ms / dayMs);
  if (number !== lastDay.number) lastDay = { number, text: new Date(ms).toISOString().slice(0, 10) };
  return lastDay.text;
}

/**
 * What readings leave behind beside themselves, kept in memory and written now and then: how many a tenant has sent today,
 * when a device was seen and what its clock says. What a process that dies has not written is lost: a second or so.
 */
export function createAccounts({ openTelemetryDb }: Pick<ModuleDeps, 'openTelemetryDb'>) {
  const uses = new Map<string, Use>();
  const opening = new Map<string, Promise<Use>>();
  const touched = new Map<string, Touched>();
  const touchedAt = createLru<number>(maxRemembered);

  async function openUse(tenant: Tenant, day: string, key: string): Promise<Use> {
    const used = await addUsedPoints(openTelemetryDb(tenant, wholeTenant(tenant)).leased, tenant.id, day, 0);
    const use: Use = { tenant, day, used, pending: 0, telling: 0 };
    uses.set(key, use);
    return use;
  }

  function useOf(tenant: Tenant, day: string): Use | Promise<Use> {
    const key = `${tenant.id} ${day}`;
    const known = uses.get(key);
    if (known !== undefined) return known;
    const underWay = opening.get(key) ?? openUse(tenant, day, key).finally(() => opening.delete(key));
    opening.set(key, underWay);
    return underWay;
  }

  async function tellUse(use: Use): Promise<void> {
    if (use.pending === 0 || use.telling !== 0) return;
    use.telling = use.pending;
    use.pending = 0;
    try {
      const db = openTelemetryDb(use.tenant, wholeTenant(use.tenant)).leased;
      use.used = await addUsedPoints(db, use.tenant.id, use.day, use.telling);
    } catch (error) {
      use.pending += use.telling;
      throw error;
    } finally {
      use.telling = 0;
    }
  }

  return {
    /** Takes as much of today's limit as there is, up to `count`. What is then not stored is given back. */
    takePoints(tenant: Tenant, count: number, nowMs: number): Taken | Promise<Taken> {
      const use = useOf(tenant, dayOf(nowMs));
      return use instanceof Promise ? use.then((opened) => take(opened, tenant, count)) : take(use, tenant, count);
    },
    touch(tenant: Tenant, scope: Scope, seen: Seen): void {
      const key = `${tenant.id} ${seen.deviceId}`;
      if (seen.atMs - (touchedAt.get(key) ?? Number.NEGATIVE_INFINITY) < touchEveryMs) return;
      touchedAt.set(key, seen.atMs);
      const scopeKey = `${scope.tenantId} ${scope.organizationId} ${scope.workspaceId}`;
      const there = touched.get(scopeKey) ?? { tenant, scope, seen: new Map() };
      there.seen.set(seen.deviceId, seen);
      touched.set(scopeKey, there);
    },
    /** Writes all of it. Rejects with the first failure, when everything was tried; counts are then tried again. */
    async tell(today: string): Promise<void> {
      const scopes = [...touched.values()];
      touched.clear();
      const told = await Promise.allSettled([
        ...[...uses.values()].map(tellUse),
        ...scopes.map(({ tenant, scope, seen }) => touchDevices(openTelemetryDb(tenant, scope), [...seen.values()])),
      ]);
      for (const [key, use] of uses) if (use.day < today && use.pending + use.telling === 0) uses.delete(key);
      const failed = told.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

export interface Taken {
  readonly count: number;
  giveBack(points: number): void;
}

function take(use: Use, { limits }: Tenant, count: number): Taken {
  const limit = limits['points_per_day'] ?? null;
  const left = limit === null ? count : Math.max(0, limit - use.used - use.telling - use.pending);
  const taken = Math.min(count, left);
  use.pending += taken;
  return {
    count: taken,
    giveBack(points) {
      use.pending -= points;
    },
  };
}

export type Accounts = ReturnType<typeof createAccounts>;
