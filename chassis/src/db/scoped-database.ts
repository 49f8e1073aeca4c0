import { isStalePlan } from './errors.js';
import type { Lanes } from './lanes.js';
import { type LeaseHolder, queryOnLease, transactOnLease } from './on-lease.js';
import { scopeStep, stepOf } from './scope-step.js';
import type { DbStats, Queryable, Scope, ScopedDb, Statement, Tx, Value } from './types.js';

/** One tenant's access, in one scope; made per request. */
export class ScopedDatabase implements ScopedDb {
  private readonly lanes: Lanes;
  private readonly scope: Scope;
  private readonly stats: DbStats;

  constructor(lanes: Lanes, scope: Scope, stats: DbStats) {
    this.lanes = lanes;
    this.scope = scope;
    this.stats = stats;
  }

  query<Row>(declared: Statement<Row>, values?: readonly Value[]): Promise<Row[]> {
    return new Promise((resolve, reject) => this.pipeline(declared, values, resolve, reject, true));
  }

  private pipeline<Row>(
    declared: Statement<Row>,
    values: readonly Value[] | undefined,
    resolve: (rows: Row[]) => void,
    reject: (error: Error) => void,
    mayRetry: boolean,
  ): void {
    const { stats, scope } = this;
    const step = stepOf(declared, values);
    const sentAt = performance.now();
    if (mayRetry) stats.queries += 1;
    stats.roundTrips += 1;
    this.lanes.pipelined.run(scope.tenantId, [scopeStep(scope, declared), step], (error) => {
      stats.waitedMs += performance.now() - sentAt;
      // The step's rows are built by the statement's columns and parsers; Row is the caller's word for them.
      if (error === undefined) resolve(step.rows as Row[]);
      else if (mayRetry && isStalePlan(error)) this.pipeline(declared, values, resolve, reject, false);
      else reject(error);
    });
  }

  get leased(): Queryable {
    const holder = this.holder();
    return { query: (declared, values) => queryOnLease(holder, declared, values) };
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return transactOnLease(this.holder(), work);
  }

  private holder(): LeaseHolder {
    const { scope, stats } = this;
    return {
      lane: this.lanes.leased,
      tenantId: scope.tenantId,
      scope: (declared) => [scopeStep(scope, declared)],
      stats,
    };
  }
}
