/** Which tenants ask anything of this instance. */
export interface Activity {
  note(tenantId: string): void;
  /** Since somebody else than this tenant asked last; Infinity: nobody has. */
  othersIdleMs(tenantId: string): number;
}

/** Of the two that asked last, which is enough to know of anybody whether there are others. */
export function createActivity(now: () => number = () => performance.now()): Activity {
  let last = { id: '', atMs: Number.NEGATIVE_INFINITY };
  let lastOther = last;
  return {
    note(tenantId) {
      if (tenantId !== last.id) {
        lastOther = last;
        last = { id: tenantId, atMs: now() };
      } else last.atMs = now();
    },
    othersIdleMs: (tenantId) => now() - (tenantId === last.id ? lastOther : last).atMs,
  };
}
