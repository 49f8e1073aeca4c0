import { randomBytes } from 'node:crypto';
import { type Database, openDatabase } from '@platen/chassis/db/database';
import { type DbStats, noStats } from '@platen/chassis/db/types';
import { createCursors } from '@platen/chassis/http/cursor';
import type { RawJson } from '@platen/chassis/http/types';
import { createLogger } from '@platen/chassis/log/logger';
import type { Teardown } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import { type SeededSet, seededDatabases } from '@platen/chassis/testkit/seeded-databases';
import { demoSettings, tenants } from '@platen/schema/seeds/identities';
import { v7 } from 'uuid';
import type { Organization, Store, Tenant } from '../feed/tenant.js';
import type { TenantCtx } from '../modules/module.js';
import { createOrderService } from '../modules/orders/service.js';
import { createPricingService } from '../modules/pricing/index.js';
import { createQuoteService } from '../modules/quotes/service.js';
import { seedPlans } from '../seed/plans.js';
import { type OrganizationPlan, seedOrganization } from '../seed/seed-organization.js';
import { testQuoteLinks } from '../testkit/test-plane.js';

/** The services of a seeded organization on a database of the test's own, as the application's role. */
export const now = new Date('2026-03-01T09:30:00.000Z');
const { acme } = tenants;
const print = acme.organizations['acme-print'];
export const mainStreet = print.workspaces['main-street'].id;
export const harbor = print.workspaces.harbor.id;

const organization: Organization = {
  tenantId: acme.id,
  id: print.id,
  code: 'acme-print',
  name: print.name,
  status: 'active',
  settings: {
    workspace_required: true,
    currency: demoSettings.currency,
    time_zone: demoSettings.timeZone,
    locale: 'en',
    tax_rounding: demoSettings.taxRounding,
    quote_prefix: demoSettings.quotePrefix,
    order_prefix: demoSettings.orderPrefix,
    quote_valid_days: demoSettings.quoteValidDays,
  },
  letterhead: null,
  workspaces: [],
  workspaceIds: new Set(),
};
const tenant: Tenant = {
  id: acme.id,
  slug: 'acme',
  name: acme.name,
  status: 'active',
  domains: [],
  primaryDomain: null,
  stores: [],
  store: null,
  erpDbKey: acme.erpDbKey,
  telemetryDbKey: null,
  authzEpoch: 1,
  modules: [],
  limits: {},
};
export const userId = acme.users[1].id;

export interface CtxOptions {
  readonly workspaceId?: string | null;
  readonly ifMatch?: number;
  readonly stats?: DbStats;
  readonly at?: Date;
  /** Of the host that is asked. */
  readonly store?: Store | null;
  /** Default: the first instance's connections. */
  readonly on?: Database;
}

const open = (url: string): Database =>
  openDatabase({
    name: 'sales',
    url,
    poolSize: 12,
    perTenantShare: 1,
    ...patient,
  });

const scope = { tenantId: acme.id, organizationId: print.id };

const seeded = (quotes: number): SeededSet<'erp'> => ({
  name: `sales_${quotes}`,
  kinds: { erp: 'erp' },
  async fill({ erp }) {
    const [first] = seedPlans;
    if (!first) throw new Error('no seeds');
    // What is made of what was sold is up to each test.
    const { making: _, ...sold } = first.plan;
    const plan: OrganizationPlan = { ...sold, customers: 30, quotes: [{ workspaceId: mainStreet, quotes }] };
    const database = open(erp.appUrl);
    try {
      await seedOrganization(database.scoped({ ...scope, workspaceId: null }), plan, now);
    } finally {
      await database.close();
    }
  },
});

export async function openSales(t: Teardown, quotes = 6) {
  const { erp: db } = await seededDatabases(t, seeded(quotes));
  const connect = (): Database => {
    const opened = open(db.appUrl);
    t.teardown(() => opened.close());
    return opened;
  };
  const database = connect();
  const findOrganization = (tenantId: string, id: string) =>
    tenantId === acme.id && id === print.id ? organization : undefined;
  const cursors = createCursors(randomBytes(32).toString('hex'));
  const pricing = createPricingService({ findOrganization });
  const ctxOf = ({
    workspaceId = mainStreet,
    ifMatch,
    stats = noStats(),
    at = now,
    store = null,
    on = database,
  }: CtxOptions = {}): TenantCtx => {
    const scoped = on.scoped({ ...scope, workspaceId }, stats);
    return {
      correlationId: 'test-correlation',
      traceparent: null,
      ip: null,
      principal: { kind: 'user', id: userId, sessionId: null, has: () => true },
      log: createLogger({ service: 'test', level: 'silent' }),
      now: () => at,
      newId: () => v7(),
      tenant: { ...tenant, store },
      organizationId: print.id,
      workspaceId,
      ifMatch: ifMatch ?? null,
      db: scoped,
      enter: () => {
        throw new Error('Users have their context');
      },
      write: (work) => scoped.transaction(work),
    };
  };
  return {
    db,
    organization,
    cursors,
    /** As another instance of the service has them. */
    connect,
    ctxOf,
    pricing,
    quotes: createQuoteService(
      { cursors, findOrganization, pricing, links: testQuoteLinks() },
      // Printing has tests of its own.
      { print: () => Promise.reject(new Error('nothing is printed here')) },
    ),
    orders: createOrderService({ cursors, findOrganization, pricing }),
  };
}
export type Sales = Awaited<ReturnType<typeof openSales>>;

/** The answer as a client reads it. */
export const read = <T>(answer: RawJson): T => JSON.parse(answer.text) as T;
