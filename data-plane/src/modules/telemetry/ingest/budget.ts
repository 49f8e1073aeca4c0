import { AppError } from '@platen/chassis/http/app-error';

export interface BudgetLimits {
  /** Bytes of bodies that wait, of one tenant. */
  readonly perTenantBytes: number;
  readonly totalBytes: number;
  /** Of what waits for the database: who is further behind is told to come when it may be through. */
  readonly behindMs: number;
}

/** What one request takes of it. */
export interface Hold {
  /** @throws AppError busy (its tenant has its fill), dependency_unavailable (all have) */
  add(bytes: number): void;
  release(): void;
}

/** Of a request beside its body: its sockets, objects and place. */
const requestBytes = 4 * 1024;

/**
 * How much may wait in memory until it is stored. One tenant is refused before it has so much that others would be: it is
 * told to slow down, others notice nothing.
 */
export function createBudget(
  { perTenantBytes, totalBytes, behindMs }: BudgetLimits,
  /** How long what a tenant sent first has waited. */
  behindOf: (tenantId: string) => number,
) {
  const ofTenants = new Map<string, number>();
  let total = 0;

  function take(tenantId: string, bytes: number): void {
    const own = (ofTenants.get(tenantId) ?? 0) + bytes;
    if (total + bytes > totalBytes)
      throw new AppError('dependency_unavailable', 'Too many readings wait to be stored', { retryAfterSeconds: 1 });
    // No more than what is left for all others: with four who take their fill, nobody else would get in.
    if (own > Math.min(perTenantBytes, totalBytes - total))
      throw new AppError('busy', 'Too many readings wait to be stored', { retryAfterSeconds: 1 });
    ofTenants.set(tenantId, own);
    total += bytes;
  }

  return {
    /** @throws AppError as `add` */
    hold(tenantId: string): Hold {
      const behind = behindOf(tenantId);
      if (behind > behindMs)
        throw new AppError('busy', 'Readings come faster than they can be stored', {
          retryAfterSeconds: Math.ceil(behind / 1_000),
        });
      let held = 0;
      const add = (bytes: number): void => {
        take(tenantId, bytes);
        held += bytes;
      };
      add(requestBytes);
      return {
        add,
        release() {
          const left = (ofTenants.get(tenantId) ?? 0) - held;
          if (left > 0) ofTenants.set(tenantId, left);
          else ofTenants.delete(tenantId);
          total -= held;
          held = 0;
        },
      };
    },
    get waitingBytes(): number {
      return total;
    },
  };
}

export type Budget = ReturnType<typeof createBudget>;
