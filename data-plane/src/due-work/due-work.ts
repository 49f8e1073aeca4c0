import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { ScopedDb } from '@platen/chassis/db/types';
import type { DueWork } from '@platen/chassis/due-work/entries';
import { createDueWorkRunner, type DueWorkLine, type DueWorkRunner } from '@platen/chassis/due-work/runner';
import { type Logger, withScope } from '@platen/chassis/log/logger';
import { v7 as uuidv7 } from 'uuid';
import type { FeedReader } from '../feed/store.js';
import { databaseKeyOf, type Tenant } from '../feed/tenant.js';
import type { ModuleDeps } from '../modules/module.js';
import type { DatabaseKind } from '../routing/catalogue.js';

/** What is due, for whoever does it: in the scope of the entry, as if it had been asked for there. */
export interface DueCall {
  /** To be finished or postponed in the transaction of the work, which is then done once. */
  readonly work: DueWork;
  readonly tenant: Tenant;
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  readonly db: ScopedDb;
  readonly correlationId: string;
  readonly traceparent: null;
  readonly log: Logger;
  readonly signal: AbortSignal;
  now(): Date;
  newId(): string;
}

/** What a module does when something of these kinds is due. */
export type DueLine = Omit<DueWorkLine, 'run'> & {
  /** Where its entries are, and what `db` is. Default: `erp`. */
  readonly database?: DatabaseKind;
  run(call: DueCall): Promise<void>;
};

export interface DueWorkOfPlane {
  /** From then on. */
  start(lines: readonly DueLine[]): void;
  /** There is something due now. */
  wake(): void;
  stop(): Promise<void>;
}

/** How long an entry that another instance put may go unnoticed. */
const everyMs = 2_000;

interface DueWorkDeps {
  readonly databases: readonly {
    readonly key: string;
    /** Default: `erp`. */
    readonly kind?: DatabaseKind;
    readonly system: SystemDatabase;
  }[];
  readonly feed: FeedReader;
  readonly openDb: ModuleDeps['openDb'];
  readonly openTelemetryDb: ModuleDeps['openTelemetryDb'];
  readonly log: Logger;
}

/** Finds what is due in each database as the system role, which sees no business row, and does it as its tenant. */
export function createDueWork(deps: DueWorkDeps): DueWorkOfPlane {
  let runners: readonly DueWorkRunner[] = [];
  return {
    start(lines) {
      runners = createRunners(deps, lines);
      for (const runner of runners) runner.start();
    },
    wake() {
      for (const runner of runners) runner.wake();
    },
    async stop() {
      await Promise.all(runners.map((runner) => runner.stop()));
    },
  };
}

/** One for each database. */
export const createRunners = (deps: DueWorkDeps, lines: readonly DueLine[]): DueWorkRunner[] =>
  deps.databases.map(({ key, kind = 'erp', system }) =>
    createDueWorkRunner({
      db: system,
      log: deps.log,
      everyMs,
      lines: lines
        .filter(({ database = 'erp' }) => database === kind)
        .map((line) => ({ ...line, run: async (work, signal) => line.run(callOf(deps, { key, kind }, work, signal)) })),
    }),
  );

function callOf(
  deps: Pick<DueWorkDeps, 'feed' | 'openDb' | 'openTelemetryDb' | 'log'>,
  { key, kind }: { readonly key: string; readonly kind: DatabaseKind },
  work: DueWork,
  signal: AbortSignal,
): DueCall {
  const { tenant_id: tenantId, organization_id: organizationId, workspace_id: workspaceId } = work;
  const tenant = deps.feed.tenantById(tenantId);
  // The feed may be behind; a tenant that lives elsewhere by now has nothing to be done here.
  if (tenant === undefined || databaseKeyOf(tenant, kind) !== key)
    throw new Error(`no tenant ${tenantId} in this database`);
  const correlationId = `due-${uuidv7()}`;
  const context = { organization_id: organizationId, workspace_id: workspaceId, user_id: null };
  return {
    work,
    tenant,
    organizationId,
    workspaceId,
    db: (kind === 'erp' ? deps.openDb : deps.openTelemetryDb)(tenant, { tenantId, organizationId, workspaceId }),
    correlationId,
    traceparent: null,
    log: withScope(deps.log, { correlationId, tenantId, context }),
    signal,
    now: () => new Date(),
    newId: () => uuidv7(),
  };
}
