import type { TestDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { requestOf } from '@platen/chassis/testkit/security-table';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import type { AppDeps } from '@platen/data-plane/app';
import type { FeedReader } from '@platen/data-plane/feed/store';
import { openTestPlane, type TestPlane } from '@platen/data-plane/testkit/test-plane';
import type { Contract } from '@platen/schema/contract';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { type ModuleCode, modules } from '@platen/schema/modules';
import { permissionCodes } from '@platen/schema/permissions';
import type { InjectOptions } from 'fastify';
import type { RawAnswer } from './http.js';
import type { Victim } from './samples-data.js';
import { jobMaker } from './samples-jobs.js';
import { acme, globex } from './world.js';

interface Teardown {
  teardown(work: () => void | Promise<void>): void;
}

/** Which of the three walls between tenants stand. */
export interface Walls {
  /** A token counts at its own tenant's host only. */
  readonly host: boolean;
  /** Each tenant's requests go to its own database. */
  readonly router: boolean;
  /** The application's role, which row-level security binds, and not the server's superuser. */
  readonly rows: boolean;
  /** An organization is looked up under its own tenant only. */
  readonly organization: boolean;
}

export interface TenantDatabases {
  readonly erp: TestDatabase;
  readonly telemetry: TestDatabase;
}

/** The data plane in this process, over the same rows whatever walls stand. Walls are dependencies; nothing in the product takes them down. */
export function openPlane(
  t: Teardown,
  databases: Readonly<Record<'acme' | 'globex', TenantDatabases>>,
  walls: Walls,
  files: AppDeps['files'],
): TestPlane {
  const urls = ({ appUrl, systemUrl, superuserUrl }: TestDatabase) => ({
    appUrl: walls.rows ? appUrl : superuserUrl,
    systemUrl,
  });
  const overrides: Partial<AppDeps> = {
    files,
    ...(!walls.host && { isTenantsToken: () => true }),
    ...(!walls.organization && { feed: withEveryOrganization(() => plane.store) }),
  };
  const plane: TestPlane = openTestPlane(
    t,
    {
      [acme.erpDbKey]: urls(databases.acme.erp),
      [globex.erpDbKey]: urls((walls.router ? databases.globex : databases.acme).erp),
      [telemetryKeyOf('acme')]: { ...urls(databases.acme.telemetry), kind: 'telemetry' },
      [telemetryKeyOf('globex')]: {
        ...urls((walls.router ? databases.globex : databases.acme).telemetry),
        kind: 'telemetry',
      },
    },
    overrides,
  );
  for (const entity of entities) plane.apply(entity);
  return plane;
}

/** One each, as with the ERP: in the seeds they share one. */
const telemetryKeyOf = (slug: string): string => `telemetry-${slug}`;

const entities: FeedEntity[] = Object.entries({ acme, globex }).flatMap(([slug, tenant]) => [
  {
    kind: 'tenant' as const,
    id: tenant.id,
    slug,
    name: tenant.name,
    status: 'active' as const,
    domains: [],
    erp_db_key: tenant.erpDbKey,
    telemetry_db_key: telemetryKeyOf(slug),
    authz_epoch: 0,
    modules: (Object.keys(modules) as ModuleCode[]).map((code) => ({ code, valid_until: null })),
    limits: {},
  },
  ...Object.entries(tenant.organizations).map(([code, organization]) => ({
    kind: 'organization' as const,
    tenant_id: tenant.id,
    id: organization.id,
    code,
    name: organization.name,
    status: 'active' as const,
    settings: {
      workspace_required: false,
      currency: 'EUR',
      time_zone: 'Europe/Berlin',
      locale: 'en',
      tax_rounding: 'line' as const,
      quote_prefix: `Q-${code}`,
      order_prefix: `SO-${code}`,
      purchase_order_prefix: `PO-${code}`,
      quote_valid_days: 30,
    },
    workspaces: Object.entries<{ id: string; name: string }>(organization.workspaces).map(([ws, { id, name }]) => ({
      id,
      code: ws,
      name,
    })),
  })),
]);

/** Finds an organization whatever tenant it is asked for: a stranger's context then leads to settings and on to rows. */
function withEveryOrganization(store: () => FeedReader): FeedReader {
  return {
    tenantByHost: (host) => store().tenantByHost(host),
    tenantById: (id) => store().tenantById(id),
    organization: (_tenantId, id) => store().organization(acme.id, id) ?? store().organization(globex.id, id),
    organizations: () => store().organizations(),
    hostsOf: (tenant) => store().hostsOf(tenant),
    signingKeys: () => store().signingKeys(),
    refusalOf: (tenantId, token) => store().refusalOf(tenantId, token),
    // Asked for while the plane is built; who may see what does not change here.
    onChanged: () => undefined,
  };
}

/**
 * Keys that lead from row to row begin with the owner, so that most of them refuse a stranger's reference too: a wall
 * more, which would hide a hole in the others.
 */
export const switchOffForeignKeys = ({ superuserUrl }: TestDatabase): Promise<void> =>
  asSuperuser(superuserUrl, async (client) => {
    // Their triggers only: the planner goes on reading the keys.
    const { rows } = await client.query<{ table: string }>(
      `select distinct conrelid::regclass::text as table from pg_constraint where contype = 'f'`,
    );
    for (const { table } of rows) await client.query(`alter table ${table} disable trigger all`);
  });

/** Where a request is sent, and what its token says. */
export interface Caller {
  readonly host: 'acme' | 'globex';
  readonly tenant: 'acme' | 'globex';
  readonly organization: string;
  readonly workspace: string | null;
}

const tokens = new WeakMap<TestPlane, WeakMap<Caller, string>>();

/** Each caller is one person for the whole test: signing for every request was a fifth of it. */
function tokenOf(plane: TestPlane, caller: Caller): string {
  const ofPlane = tokens.get(plane) ?? new WeakMap<Caller, string>();
  tokens.set(plane, ofPlane);
  const token =
    ofPlane.get(caller) ??
    plane.issuer.accessToken({
      tid: { acme, globex }[caller.tenant].id,
      tsl: caller.tenant,
      org: caller.organization,
      ws: caller.workspace,
      permissions: permissionCodes,
    });
  ofPlane.set(caller, token);
  return token;
}

export async function ask(plane: TestPlane, contract: Contract, sample: Sample, caller: Caller): Promise<RawAnswer> {
  const token = tokenOf(plane, caller);
  const { method, path, headers, body } = requestOf(contract, sample, `${caller.host}.localhost`, token);
  const request: InjectOptions = {
    method: method as NonNullable<InjectOptions['method']>,
    url: path,
    headers: { ...headers, host: `${caller.host}.localhost`, 'x-correlation-id': 'isolation-test' },
    ...(body && { payload: body }),
  };
  const answer = await plane.app.tenant.inject(request);
  const text = answer.payload;
  return {
    status: answer.statusCode,
    headers: answer.headers as RawAnswer['headers'],
    text,
    json: /\bjson\b/.test(String(answer.headers['content-type'])) ? jsonOf(text) : undefined,
  };
}

/** Without foreign keys, rows that were written past all walls refer to what their owner does not see: no JSON then. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const victimAt = (
  plane: TestPlane,
  caller: Caller,
  { erp, telemetry }: Record<'erp' | 'telemetry', Pick<TestDatabase, 'superuserUrl'>>,
): Victim => ({
  newJob: jobMaker(erp.superuserUrl),
  sql: (text, values) => asSuperuser(erp.superuserUrl, (client) => client.query(text, [...values])),
  telemetrySql: (text, values) => asSuperuser(telemetry.superuserUrl, (client) => client.query(text, [...values])),
  async call(contract, { params, body, headers }) {
    const sample = {
      ...(params && { params: params as Readonly<Record<string, string>> }),
      ...(headers && { headers }),
      ...(body && { body: body as object }),
    };
    const answer = await ask(plane, contract, sample, caller);
    if (answer.status !== contract.status) throw new Error(`${contract.name}: ${answer.status} ${answer.text}`);
    // The caller's type is the contract's.
    return answer.json as never;
  },
});
