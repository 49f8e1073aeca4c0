export interface TenantRate {
  readonly tenantId: string;
  readonly perSecond: number;
}

export interface BusiestTenants {
  count(tenantId: string): void;
  /** Most requests first. */
  read(): readonly TenantRate[];
}

/** More than a dashboard shows, and few enough that a tenant's id may be a label. */
const most = 10;
/** Whoever asks sooner gets the last window again: two that ask do not take each other's requests. */
const windowMs = 15_000;

/** How many requests which tenants make, at the cost of a look-up for each. */
export function createBusiestTenants(now: () => number = () => performance.now()): BusiestTenants {
  let requests = new Map<string, { count: number }>();
  let beganMs = now();
  let last: readonly TenantRate[] = [];

  return {
    count(tenantId) {
      const known = requests.get(tenantId);
      if (known === undefined) requests.set(tenantId, { count: 1 });
      else known.count += 1;
    },
    read() {
      const elapsedMs = now() - beganMs;
      if (elapsedMs < windowMs) return last;
      last = [...requests]
        .sort(([, a], [, b]) => b.count - a.count)
        .slice(0, most)
        .map(([tenantId, { count }]) => ({ tenantId, perSecond: count / (elapsedMs / 1_000) }));
      requests = new Map();
      beganMs = now();
      return last;
    },
  };
}
