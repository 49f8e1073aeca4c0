import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf } from '@platen/schema/contract';
import type { stores } from '@platen/schema/contracts/control/stores';
import { orDuplicate } from '../../or-duplicate.js';
import { raiseTenantEpoch, wholeTenant } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { type Actor, findDomain } from '../domains/index.js';
import { appendTenant } from '../feed/index.js';
import { lockPlaces, reachOf } from '../organizations/index.js';
import * as repo from './repo.js';

export interface StoreService {
  /** @throws AppError not_found */
  get(actor: Actor, id: string): Promise<repo.StoreRow>;
  /** @throws AppError unknown_reference, duplicate, domain_unverified, domain_unacceptable */
  create(actor: Actor, body: BodyOf<typeof stores.create>): Promise<repo.StoreRow>;
  /** @throws AppError not_found, unknown_reference, duplicate, domain_unverified, domain_unacceptable */
  update(actor: Actor, id: string, body: BodyOf<typeof stores.update>): Promise<repo.StoreRow>;
  /** @throws AppError not_found */
  delete(actor: Actor, id: string): Promise<void>;
}

export const createStoreService = (): StoreService => ({
  async get(actor, id) {
    const found = await repo.findStore(actor.db, actor.tenantId, id);
    if (found === undefined || !(await mayAt(actor, actor.db, 'admin.store.read', found))) {
      throw new AppError('not_found');
    }
    return found;
  },

  create(actor, body) {
    const { ctx, tenantId } = actor;
    const store = {
      code: normalizeCode(body.code, '/body/code'),
      name: body.name,
      domainId: body.domain_id,
      organizationId: body.organization_id,
      workspaceId: body.workspace_id ?? null,
    };
    return ctx.write(async (tx) => {
      await lockPlaces(tx, tenantId);
      await requireOpenPlace(actor, tx, store);
      await requireFreeDomain(actor, tx, store.domainId);
      const id = ctx.newId();
      await orTaken(repo.insertStore(tx, tenantId, id, store));
      return announce(actor, tx, id, { action: 'store.create' });
    });
  },

  update(actor, id, body) {
    const { ctx, tenantId } = actor;
    return ctx.write(async (tx) => {
      const before = await lockStore(actor, tx, id);
      // Another organization has workspaces of its own.
      const moves = body.organization_id !== undefined && body.organization_id !== before.organization_id;
      const store = {
        code: before.code,
        name: body.name ?? before.name,
        domainId: body.domain_id ?? before.domain_id,
        organizationId: body.organization_id ?? before.organization_id,
        workspaceId: body.workspace_id === undefined ? (moves ? null : before.workspace_id) : body.workspace_id,
      };
      const stays = store.organizationId === before.organization_id && store.workspaceId === before.workspace_id;
      if (!stays) await requireOpenPlace(actor, tx, store);
      if (store.domainId !== before.domain_id) await requireFreeDomain(actor, tx, store.domainId);
      await orTaken(repo.updateStore(tx, tenantId, id, store));
      return announce(actor, tx, id, { action: 'store.update', before });
    });
  },

  delete(actor, id) {
    const { ctx, tenantId } = actor;
    return ctx.write(async (tx) => {
      const before = await lockStore(actor, tx, id);
      repo.deleteStore(tx, tenantId, id);
      recordAudit(tx, ctx, tenantId, { action: 'store.delete', target: `store:${id}`, before });
      appendTenant(tx, tenantId);
    });
  },
});

interface Place {
  readonly organization_id: string;
  readonly workspace_id: string | null;
}

const mayAt = (actor: Actor, db: Queryable, permission: 'admin.store.read' | 'admin.store.write', place: Place) =>
  actor.may(db, permission, reachOf(place.organization_id, place.workspace_id));

async function lockStore(actor: Actor, tx: Tx, id: string): Promise<repo.StoreRow> {
  const [, found] = await Promise.all([lockPlaces(tx, actor.tenantId), repo.findStore(tx, actor.tenantId, id)]);
  // Outside their reach it is not theirs to know of.
  if (found === undefined || !(await mayAt(actor, tx, 'admin.store.write', found))) throw new AppError('not_found');
  return found;
}

/** One that is not there and one that is not theirs get the same answer. */
async function requireOpenPlace(
  actor: Actor,
  tx: Tx,
  { organizationId, workspaceId }: repo.StoreFields,
): Promise<void> {
  const place = { organization_id: organizationId, workspace_id: workspaceId };
  const allowed = await mayAt(actor, tx, 'admin.store.write', place);
  if (!allowed || !(await repo.hasPlace(tx, actor.tenantId, organizationId, workspaceId))) {
    throw new AppError('unknown_reference');
  }
}

/**
 * A host that leads to one context must be nobody's way to the others. Until then it leads everybody to the whole tenant,
 * so that is where the permission to take it is needed.
 */
async function requireFreeDomain(actor: Actor, tx: Tx, id: string): Promise<void> {
  if (!(await actor.may(tx, 'admin.store.write', wholeTenant))) {
    const extensions = { permission: 'admin.store.write' };
    throw new AppError('permission_denied', 'To take a domain it is needed at the scope tenant', { extensions });
  }
  const domain = await findDomain(tx, actor.tenantId, id);
  if (domain === undefined) throw new AppError('unknown_reference');
  if (domain.kind === 'subdomain') throw new AppError('domain_unacceptable', 'It is the way to the whole tenant');
  if (domain.is_primary) throw new AppError('domain_unacceptable', 'Links in mails lead to the primary domain');
  if (domain.verified_at === null) throw new AppError('domain_unverified');
}

async function orTaken(write: Promise<void>): Promise<void> {
  await orDuplicate(
    orDuplicate(write, 'tenant_stores_code_key', 'There is a storefront with this code'),
    'tenant_stores_domain_key',
    'There is a storefront at this domain',
  );
}

/** Tokens that were given at the host before know another context: stale, they are exchanged for the store's. */
async function announce(
  { ctx, tenantId }: Actor,
  tx: Tx,
  id: string,
  entry: { readonly action: 'store.create' | 'store.update'; readonly before?: repo.StoreRow },
): Promise<repo.StoreRow> {
  const after = await repo.findStore(tx, tenantId, id);
  if (after === undefined) throw new Error('the store was written a moment ago');
  const { before } = entry;
  const stays =
    before?.domain_id === after.domain_id &&
    before.organization_id === after.organization_id &&
    before.workspace_id === after.workspace_id;
  if (!stays) raiseTenantEpoch(tx, tenantId);
  recordAudit(tx, ctx, tenantId, { ...entry, target: `store:${id}`, after });
  appendTenant(tx, tenantId);
  return after;
}
