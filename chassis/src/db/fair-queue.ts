interface Waiting<T> {
  readonly item: T;
  readonly deadline: number;
}

/** Waiting work, served in turns by tenant, so that a tenant with a thousand items delays another's one by one turn. */
export class FairQueue<T> {
  private readonly byTenant = new Map<string, Waiting<T>[]>();
  private readonly maxPerTenant: number;
  private readonly max: number;
  size = 0;

  constructor(max: number, maxPerTenant: number) {
    this.max = max;
    this.maxPerTenant = maxPerTenant;
  }

  /** false: full, for everyone or for this tenant. */
  push(tenantId: string, item: T, deadline: number): boolean {
    const waiting = this.byTenant.get(tenantId);
    if (this.size >= this.max || (waiting?.length ?? 0) >= this.maxPerTenant) return false;
    if (waiting === undefined) this.byTenant.set(tenantId, [{ item, deadline }]);
    else waiting.push({ item, deadline });
    this.size += 1;
    return true;
  }

  /** The next in turn among the tenants that `mayGo`. */
  shift(mayGo: (tenantId: string) => boolean = () => true): { tenantId: string; item: T } | undefined {
    for (const [tenantId, waiting] of this.byTenant) {
      if (!mayGo(tenantId)) continue;
      const next = waiting.shift();
      // To the end of the round: a Map keeps the order of insertion.
      this.byTenant.delete(tenantId);
      if (waiting.length > 0) this.byTenant.set(tenantId, waiting);
      if (next === undefined) continue;
      this.size -= 1;
      return { tenantId, item: next.item };
    }
    return undefined;
  }

  hasOther(tenantId: string): boolean {
    return this.byTenant.size > (this.byTenant.has(tenantId) ? 1 : 0);
  }

  /** Takes out what waits past its deadline. */
  expire(now: number): T[] {
    const expired: T[] = [];
    for (const [tenantId, waiting] of this.byTenant) {
      // First come, first to expire: deadlines of one tenant do not decrease.
      while (waiting[0] !== undefined && waiting[0].deadline <= now) expired.push((waiting.shift() as Waiting<T>).item);
      if (waiting.length === 0) this.byTenant.delete(tenantId);
    }
    this.size -= expired.length;
    return expired;
  }

  drain(): T[] {
    const all = [...this.byTenant.values()].flatMap((waiting) => waiting.map(({ item }) => item));
    this.byTenant.clear();
    this.size = 0;
    return all;
  }
}
