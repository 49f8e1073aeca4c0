import { setTimeout as delay } from 'node:timers/promises';
import type { CallCtx } from '@platen/chassis/http/types';
import { type Logger, withScope } from '@platen/chassis/log/logger';
import { v7 as uuidv7 } from 'uuid';
import { claimWork, type DueWork, postponeWork, type TenantWorkKind } from './due-work.js';
import { provisionTenant, type WorkDeps } from './provision.js';
import { purgeTenant } from './purge.js';

export interface TenantWork {
  start(): void;
  /** Looks at once. */
  wake(): void;
  /** Does what is due, until nothing is. How many pieces it was. */
  runDue(): Promise<number>;
  /** Resolves when nothing runs here any more; what was begun is left to another control plane. */
  stop(): Promise<void>;
}

const everyMs = 5_000;
const firstWaitSeconds = 2;
const longestWaitSeconds = 3_600;
const kinds = ['tenant.provision', 'tenant.purge'] as const;
const doing = { 'tenant.provision': provisionTenant, 'tenant.purge': purgeTenant } as const;

/**
 * Provisions and purges tenants, each in a line of its own: a purge of hours keeps no new tenant waiting. Every control
 * plane looks for work; a lease by the database's clock gives it to one.
 */
export function createTenantWork(
  deps: Omit<WorkDeps, 'signal'> & { readonly log: Logger; readonly clock: () => number },
): TenantWork {
  const { db, log } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeUp = new Map<TenantWorkKind, () => void>();
  const asked = new Set<TenantWorkKind>();
  let running: Promise<unknown> | undefined;

  async function run(work: DueWork): Promise<void> {
    const ctx = ctxOf(deps, work);
    try {
      await doing[work.kind]({ ...deps, signal }, ctx, work);
    } catch (error) {
      const seconds = signal.aborted
        ? 0
        : Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** Math.min(work.attempts - 1, 20));
      ctx.log.warn(
        { error, work: work.kind, attempts: work.attempts, retry_seconds: seconds },
        'work on a tenant failed',
      );
      await postponeWork(db, work, seconds);
    }
  }

  async function runKind(kind: TenantWorkKind): Promise<number> {
    let count = 0;
    while (!signal.aborted) {
      const work = await claimWork(db, kind);
      if (work === undefined) break;
      await run(work);
      count += 1;
    }
    return count;
  }

  async function follow(kind: TenantWorkKind): Promise<void> {
    while (!signal.aborted) {
      asked.delete(kind);
      await runKind(kind).catch((error: unknown) => log.debug({ error }, 'cannot look for work on tenants'));
      if (asked.has(kind) || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        wakeUp.set(kind, resolve);
        delay(everyMs, undefined, { signal, ref: false }).then(resolve, resolve);
      });
    }
  }

  return {
    start() {
      running ??= Promise.all(kinds.map(follow));
    },
    wake() {
      for (const kind of kinds) asked.add(kind);
      for (const resolve of wakeUp.values()) resolve();
    },
    async runDue() {
      const counts = await Promise.all(kinds.map(runKind));
      return counts.reduce((total, count) => total + count, 0);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Nobody's request: the audit has it as the system's. */
function ctxOf({ log, clock }: { readonly log: Logger; readonly clock: () => number }, work: DueWork): CallCtx {
  const correlationId = `work-${uuidv7()}`;
  return {
    correlationId,
    traceparent: null,
    principal: null,
    ip: null,
    log: withScope(log, { correlationId, tenantId: work.tenant_id, context: null }),
    now: () => new Date(clock()),
    newId: () => uuidv7(),
  };
}
