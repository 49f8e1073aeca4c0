import { isForeignKeyViolation } from '@platen/chassis/db/errors';
import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import { platformTenant } from '@platen/chassis/http/platform-tenant';
import type { PlatformCtx, RawJson } from '@platen/chassis/http/types';
import { normalizeEmail } from '@platen/chassis/validation/normalize';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { tenants } from '@platen/schema/contracts/platform/tenants';
import { orDuplicate } from '../../or-duplicate.js';
import { recordAudit } from '../audit/index.js';
import { appendOrganization, appendTenant } from '../feed/index.js';
import { createFirstOrganization } from '../organizations/index.js';
import { announce } from './announce.js';
import type { TenantDatabasesClient } from './data-plane.js';
import { deleteWork, upsertWork } from './due-work.js';
import { insertFirstAdmin } from './first-admin.js';
import * as repo from './repo.js';
import { requireAcceptableSlug } from './slug.js';

type Tenant = repo.TenantRow;

export interface TenantService {
  listTenants(ctx: PlatformCtx, query: QueryOf<typeof tenants.list>): Promise<RawJson>;
  /** @throws AppError not_found */
  readTenant(ctx: PlatformCtx, id: string): Promise<repo.TenantDetailsRow>;
  /** @throws AppError slug_unacceptable, duplicate, unknown_reference */
  createTenant(ctx: PlatformCtx, body: BodyOf<typeof tenants.create>): Promise<Tenant>;
  /** @throws AppError not_found, unknown_reference, illegal_transition, dependency_unavailable */
  updateTenant(ctx: PlatformCtx, id: string, body: BodyOf<typeof tenants.update>): Promise<Tenant>;
  /** Each of these @throws AppError not_found, illegal_transition */
  provisionTenant(ctx: PlatformCtx, id: string): Promise<Tenant>;
  suspendTenant(ctx: PlatformCtx, id: string): Promise<Tenant>;
  reactivateTenant(ctx: PlatformCtx, id: string): Promise<Tenant>;
  deleteTenant(ctx: PlatformCtx, id: string): Promise<Tenant>;
}

export interface TenantServiceDeps {
  readonly cursors: Cursors;
  readonly baseDomain: string;
  /** How long a deletion can be taken back. */
  readonly deletionGraceMs: number;
  /** Of a new tenant that names none; null: it has no telemetry. */
  readonly defaultTelemetryDbKey: string | null;
  readonly databases: Pick<TenantDatabasesClient, 'check' | 'prepare'>;
  /** Told when there is work that need not wait for the next look. */
  readonly wakeWork: () => void;
}

const site = { tenant: platformTenant, organizationId: null, workspaceId: null };

export const createTenantService = (deps: TenantServiceDeps): TenantService => ({
  listTenants: (ctx, { status, plan_id, slug_prefix, erp_db_key, ...query }) =>
    readPage({ ...site, db: ctx.db }, deps.cursors, repo.tenantPage, query, [
      status ?? null,
      plan_id ?? null,
      slug_prefix ?? null,
      erp_db_key ?? null,
    ]),

  async readTenant(ctx, id) {
    const found = await repo.findTenantDetails(ctx.db, id);
    if (found === undefined) throw new AppError('not_found');
    return found;
  },

  createTenant: (ctx, body) => createTenant(deps, ctx, body),
  async updateTenant(ctx, id, body) {
    const prepared = await prepareFirstTelemetry(deps, ctx, id, body.telemetry_db_key ?? null);
    return changeTenant(ctx, id, 'update', (tx, { row }) => updateTenant(tx, row, body, prepared));
  },

  async provisionTenant(ctx, id) {
    const after = await changeTenant(ctx, id, 'provision', async (tx, { row }) => {
      requireStatus(row.status === 'provision_failed', row);
      upsertWork(tx, id, ctx.newId(), 'tenant.provision', null);
      return repo.updateTenantStatus(tx, id, 'provisioning');
    });
    deps.wakeWork();
    return after;
  },

  suspendTenant: (ctx, id) =>
    changeTenant(ctx, id, 'suspend', async (tx, { row }) => {
      requireStatus(row.status === 'active', row);
      const after = await repo.updateTenantStatus(tx, id, 'suspended');
      announce(tx, ctx, 'platform.tenant.suspended', { tenant_id: id, slug: row.slug });
      return after;
    }),

  reactivateTenant: (ctx, id) =>
    changeTenant(ctx, id, 'reactivate', async (tx, { row, is_due }) => {
      // Once it is due the purge may have begun, and what it took nobody brings back.
      requireStatus(row.status === 'suspended' || (row.status === 'deleting' && !is_due), row);
      deleteWork(tx, id, 'tenant.purge');
      const after = await repo.updateTenantStatus(tx, id, 'active');
      announce(tx, ctx, 'platform.tenant.reactivated', { tenant_id: id, slug: row.slug });
      return after;
    }),

  async deleteTenant(ctx, id) {
    const after = await changeTenant(ctx, id, 'delete', async (tx, { row }) => {
      requireStatus(['active', 'suspended', 'provision_failed'].includes(row.status), row);
      const graceSeconds = row.status === 'provision_failed' ? 0 : deps.deletionGraceMs / 1000;
      const more = { graceSeconds, ...(row.provision_error !== null && { error: row.provision_error }) };
      const deleting = await repo.updateTenantStatus(tx, id, 'deleting', more);
      const { delete_after } = deleting;
      upsertWork(tx, id, ctx.newId(), 'tenant.purge', delete_after);
      announce(tx, ctx, 'platform.tenant.deletion_scheduled', { tenant_id: id, slug: row.slug, delete_after });
      return deleting;
    });
    deps.wakeWork();
    return after;
  },
});

/** @throws AppError illegal_transition */
function requireStatus(allowed: boolean, { status }: Tenant): void {
  if (!allowed) throw new AppError('illegal_transition', `The tenant is ${status}`);
}

/** One change of a tenant at a time, written down and told to everybody. */
const changeTenant = (
  ctx: PlatformCtx,
  id: string,
  verb: 'update' | 'provision' | 'suspend' | 'reactivate' | 'delete',
  change: (tx: Tx, locked: repo.LockedTenant) => Promise<Tenant>,
): Promise<Tenant> =>
  ctx.write(async (tx) => {
    const before = await repo.lockTenant(tx, id);
    if (before === undefined) throw new AppError('not_found');
    const after = await change(tx, before);
    recordAudit(tx, ctx, id, { action: `tenant.${verb}`, target: `tenant:${id}`, before: before.row, after });
    appendTenant(tx, id);
    return after;
  });

async function createTenant(
  deps: TenantServiceDeps,
  ctx: PlatformCtx,
  { slug, name, plan_id, erp_db_key, telemetry_db_key, admin }: BodyOf<typeof tenants.create>,
): Promise<Tenant> {
  requireAcceptableSlug(slug);
  const first = { name: admin.name, email: normalizeEmail(admin.email, '/body/admin/email') };
  const telemetryDbKey = telemetry_db_key === undefined ? deps.defaultTelemetryDbKey : telemetry_db_key;
  const given = { slug, name, planId: plan_id, erpDbKey: erp_db_key, telemetryDbKey };
  if (ctx.principal === null) throw new AppError('authentication_required');
  const invitedBy = ctx.principal.id;
  const made = await ctx.write(async (tx) => {
    const id = ctx.newId();
    const insert = orUnknownPlan(repo.insertTenant(tx, { ...given, id }));
    const row = await orDuplicate(insert, 'tenants_slug_key', `There is a tenant with the slug "${slug}"`);
    repo.insertBelongings(tx, id, { id: ctx.newId(), domain: `${slug}.${deps.baseDomain}` });
    const organization = await createFirstOrganization(tx, ctx, row);
    await insertFirstAdmin(tx, ctx, id, { ...first, invitedBy });
    upsertWork(tx, id, ctx.newId(), 'tenant.provision', null);
    recordAudit(tx, ctx, id, { action: 'tenant.create', target: `tenant:${id}`, after: { ...row, admin: first } });
    appendTenant(tx, id);
    appendOrganization(tx, id, organization.id);
    return row;
  });
  deps.wakeWork();
  return made;
}

/** `prepared`: the telemetry database that has just been made ready for it. */
async function updateTenant(
  tx: Tx,
  before: Tenant,
  body: BodyOf<typeof tenants.update>,
  prepared: string | null,
): Promise<Tenant> {
  const { erp_db_key = before.erp_db_key, telemetry_db_key = before.telemetry_db_key } = body;
  const movesErp = erp_db_key !== before.erp_db_key;
  const movesTelemetry = telemetry_db_key !== before.telemetry_db_key;
  const isFirstTelemetry = hadNoTelemetry(before) && prepared !== null && telemetry_db_key === prepared;
  // Where its rows are, they stay: moving a tenant is more than naming another database.
  const mayMove = before.status === 'provision_failed' || (!movesErp && (!movesTelemetry || isFirstTelemetry));
  requireStatus(before.status !== 'deleting' && mayMove, before);
  const { id, name, plan_id } = { ...before, ...body };
  return orUnknownPlan(repo.updateTenant(tx, { id, name, plan_id, erp_db_key, telemetry_db_key }));
}

/** It works, and has no reading anywhere. */
const hadNoTelemetry = ({ status, telemetry_db_key }: Pick<Tenant, 'status' | 'telemetry_db_key'>): boolean =>
  telemetry_db_key === null && (status === 'active' || status === 'suspended');

/**
 * Before a tenant that works is told of a database, that database is ready for it: what the data plane does there is
 * idempotent, so that whoever is interrupted asks again.
 */
async function prepareFirstTelemetry(
  { databases }: TenantServiceDeps,
  ctx: PlatformCtx,
  id: string,
  key: string | null,
): Promise<string | null> {
  const tenant = key === null ? undefined : await repo.findTenantDetails(ctx.db, id);
  if (key === null || tenant === undefined || !hadNoTelemetry(tenant)) return null;
  const keys = { erp_db_key: tenant.erp_db_key, telemetry_db_key: key };
  const found = await orAway(databases.check(id, keys));
  const state = found.databases.find((database) => database.key === key)?.state;
  if (state === 'unknown') throw new AppError('unknown_reference', 'No such telemetry database');
  if (state !== 'ok') throw new AppError('dependency_unavailable', `${key}: ${state}`);
  await orAway(databases.prepare(id, keys));
  return key;
}

async function orAway<R>(asked: Promise<R>): Promise<R> {
  try {
    return await asked;
  } catch (error) {
    throw new AppError('dependency_unavailable', 'No data plane answers for its databases', { cause: error });
  }
}

async function orUnknownPlan<R>(write: Promise<R>): Promise<R> {
  try {
    return await write;
  } catch (error) {
    if (isForeignKeyViolation(error)) throw new AppError('unknown_reference', 'No such plan', { cause: error });
    throw error;
  }
}
