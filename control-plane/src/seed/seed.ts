import type { SystemDatabase } from '@platen/chassis/db/system-database';
import type { Tx } from '@platen/chassis/db/types';
import { featureFlagOf, type ServiceScope } from '@platen/schema/contract';
import { type MenuHeading, type MenuLink, menu } from '@platen/schema/menu';
import { type ModuleCode, modules, products } from '@platen/schema/modules';
import { permissions } from '@platen/schema/permissions';
import {
  demoPassword,
  demoSettings,
  plans,
  platformAdmins,
  roles,
  type SeedOrganization,
  type SeedTenant,
  type SeedUser,
  tenants,
} from '@platen/schema/seeds/identities';
import { v5 as uuidv5 } from 'uuid';
import type { PasswordPool } from '../modules/auth/index.js';
import { lockLog } from '../modules/feed/index.js';
import { hashServiceSecret } from '../modules/service-tokens/index.js';
import { findCatalogue, findChangedBits, findSeededUsers, fingerprint, seedLock, statements } from './statements.js';

export interface SeedInput {
  readonly db: Pick<SystemDatabase, 'query' | 'transaction'>;
  readonly passwords: Pick<PasswordPool, 'hash'>;
  readonly baseDomain: string;
  /** Demo tenants and their users, all with one known password. */
  readonly demo: boolean;
  readonly serviceSecrets: { readonly dataPlane: string; readonly erpWorker: string; readonly telemetryWorker: string };
}

/** Ids that nobody writes down: derived, so that the same thing has the same id in every run. */
const idOf = (kind: string, name: string) => uuidv5(`platen:seed:${kind}:${name}`, uuidv5.URL);

/** Puts what the seeds hold; what is there already stays. Data planes hear of it only if something changed. */
export async function seedControlPlane(input: SeedInput): Promise<{ changed: boolean }> {
  const hashes = input.demo ? await hashMissingPasswords(input) : new Map<string, string>();
  return input.db.transaction(async (tx) => {
    await tx.query(seedLock);
    await refuseMovedBits(tx);
    const [before] = await tx.query(fingerprint);
    await seedCatalogue(tx);
    seedMenu(tx);
    seedServiceAccounts(tx, input.serviceSecrets);
    if (input.demo) {
      seedTenants(tx, input.baseDomain, hashes);
      seedPlatformAdmins(tx, hashes);
    }
    const [after] = await tx.query(fingerprint);
    const rolesChanged = before?.access !== after?.access;
    const changed = rolesChanged || before?.fingerprint !== after?.fingerprint;
    if (rolesChanged) tx.defer(statements.raiseEpochs);
    if (changed) {
      lockLog(tx);
      tx.defer(statements.announceTenants);
      tx.defer(statements.announceOrganizations);
    }
    return { changed };
  });
}

/** @throws Error when a permission's bit is not what tokens out there were issued with. */
async function refuseMovedBits(tx: Tx): Promise<void> {
  const wanted = Object.entries(permissions).map(([code, { bit }]) => ({ code, bit }));
  const moved = await tx.query(findChangedBits, [wanted]);
  if (moved.length > 0) throw new Error(`bits are never given anew: ${moved.map((row) => row.code).join(', ')}`);
}

async function seedCatalogue(tx: Tx): Promise<void> {
  const [there = { plans: [], modules: [] }] = await tx.query(findCatalogue);
  Object.entries(products).forEach(([code, { name }], position) => {
    tx.defer(statements.product, [idOf('product', code), code, name, position]);
  });
  for (const [code, { product, name }] of Object.entries(modules)) {
    // The keys of `modules` are the module codes.
    const flag = featureFlagOf(code as ModuleCode) ?? null;
    tx.defer(statements.module, [idOf('module', code), product, code, name, flag]);
  }
  for (const [code, { bit, module, description }] of Object.entries(permissions)) {
    tx.defer(statements.permission, [idOf('permission', code), code, module, bit, description]);
  }
  for (const [code, plan] of Object.entries(plans)) {
    if (there.plans.includes(plan.id)) {
      tx.defer(statements.planModules, [plan.id, plan.modules.filter((module) => !there.modules.includes(module))]);
      continue;
    }
    tx.defer(statements.plan, [plan.id, code, plan.name]);
    tx.defer(statements.planModules, [plan.id, plan.modules]);
    for (const [limit, value] of Object.entries(plan.limits)) tx.defer(statements.planLimit, [plan.id, limit, value]);
  }
  for (const [code, role] of Object.entries(roles)) {
    tx.defer(statements.role, [role.id, code, role.name]);
    tx.defer(statements.rolePermissions, [role.id, role.permissions]);
  }
}

function seedMenu(tx: Tx): void {
  const codes: string[] = [];
  const put = (entry: MenuLink | MenuHeading, position: number, parent: string | null): void => {
    codes.push(entry.code);
    const isHeading = 'links' in entry;
    // A heading is judged by its links; the column must name a module all the same.
    const module = isHeading ? entry.links[0]?.module : entry.module;
    if (module === undefined) throw new Error(`the menu's heading ${entry.code} has no links`);
    const [permission, route, upsell] = isHeading
      ? [null, null, false]
      : [entry.permission ?? null, entry.route, entry.upsell === true];
    const keys = [idOf('menu-item', entry.code), entry.code, parent, module, permission];
    tx.defer(statements.menuItem, [...keys, entry.label, route, entry.icon, position, upsell]);
    if (isHeading) for (const [at, link] of entry.links.entries()) put(link, at, entry.code);
  };
  for (const [position, entry] of menu.entries()) put(entry, position, null);
  tx.defer(statements.deleteOtherMenuItems, [codes]);
}

function seedServiceAccounts(tx: Tx, secrets: SeedInput['serviceSecrets']): void {
  const accounts: readonly [code: string, secret: string, scopes: readonly ServiceScope[]][] = [
    ['data-plane', secrets.dataPlane, ['feed']],
    ['erp-worker', secrets.erpWorker, ['outbox', 'erp.mail', 'erp.job', 'erp.quote.expiry', 'account.mail']],
    ['telemetry-worker', secrets.telemetryWorker, ['outbox', 'telemetry']],
  ];
  for (const [code, secret, scopes] of accounts) {
    tx.defer(statements.serviceAccount, [idOf('service-account', code), code, hashServiceSecret(secret), scopes]);
  }
}

function seedPlatformAdmins(tx: Tx, hashes: ReadonlyMap<string, string>): void {
  for (const [role, { id, email, name }] of Object.entries(platformAdmins)) {
    const hash = hashes.get(id);
    if (hash !== undefined) tx.defer(statements.platformAdmin, [id, email, name, hash, role]);
  }
}

const seedTenantsBySlug: Readonly<Record<string, SeedTenant>> = tenants;

interface Place {
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
}

function seedTenants(tx: Tx, baseDomain: string, hashes: ReadonlyMap<string, string>): void {
  for (const [slug, tenant] of Object.entries(seedTenantsBySlug)) {
    const planId = plans[tenant.plan].id;
    const databases = [tenant.erpDbKey, tenant.telemetryDbKey];
    tx.defer(statements.tenant, [tenant.id, slug, tenant.name, tenant.status, planId, ...databases]);
    tx.defer(statements.domain, [tenant.id, idOf('domain', slug), `${slug}.${baseDomain}`]);
    tx.defer(statements.tenantProducts, [tenant.id]);
    tx.defer(statements.tenantTrials, [tenant.id, tenant.trials ?? []]);
    for (const [code, organization] of Object.entries(tenant.organizations)) {
      tx.defer(statements.organization, [tenant.id, organization.id, code, organization.name]);
      seedSettings(tx, tenant.id, organization);
      for (const [workspaceCode, workspace] of Object.entries(organization.workspaces)) {
        tx.defer(statements.workspace, [tenant.id, workspace.id, organization.id, workspaceCode, workspace.name]);
      }
    }
    for (const user of tenant.users) seedUser(tx, tenant, user, hashes.get(user.id));
  }
}

function seedSettings(tx: Tx, tenantId: string, { id, name, workspaceRequired }: SeedOrganization): void {
  const { currency, timeZone, taxRounding, quotePrefix, orderPrefix, quoteValidDays } = demoSettings;
  const keys = [tenantId, idOf('settings', id), id, workspaceRequired];
  const { address, taxNumber, terms } = demoSettings;
  const ways = [currency, timeZone, taxRounding, quotePrefix, orderPrefix, quoteValidDays];
  const letterhead = [`${name} GmbH`, JSON.stringify(address), taxNumber, terms];
  const { purchaseOrderPrefix, receiptTolerancePercent } = demoSettings;
  tx.defer(statements.settings, [...keys, ...ways, ...letterhead, purchaseOrderPrefix, receiptTolerancePercent]);
}

function seedUser(tx: Tx, tenant: SeedTenant, user: SeedUser, hash: string | undefined): void {
  // Somebody who is there keeps their password, and the roles that were given or taken since.
  if (hash === undefined) return;
  const preset = placeOf(tenant, user.defaultOrganization, user.defaultWorkspace);
  const place = placeOf(tenant, user.organization, user.workspace);
  tx.defer(statements.user, [
    tenant.id,
    user.id,
    user.email,
    user.name,
    hash,
    preset.organizationId,
    preset.workspaceId,
  ]);
  const at = [user.scope, place.organizationId, place.workspaceId];
  tx.defer(statements.userRole, [tenant.id, idOf('user-role', user.id), user.id, roles[user.role].id, ...at]);
  for (const { permission, effect, reason } of user.overrides ?? []) {
    if (!(permission in permissions)) continue;
    const id = idOf('override', `${user.id} ${permission}`);
    tx.defer(statements.override, [tenant.id, id, user.id, permission, effect, ...at, reason]);
  }
}

function placeOf(tenant: SeedTenant, organizationCode?: string, workspaceCode?: string): Place {
  if (organizationCode === undefined) return { organizationId: null, workspaceId: null };
  const organization = tenant.organizations[organizationCode];
  if (organization === undefined) throw new Error(`the seeds name no organization ${organizationCode}`);
  if (workspaceCode === undefined) return { organizationId: organization.id, workspaceId: null };
  const workspace = organization.workspaces[workspaceCode];
  if (workspace === undefined) throw new Error(`the seeds name no workspace ${workspaceCode}`);
  return { organizationId: organization.id, workspaceId: workspace.id };
}

async function hashMissingPasswords(input: SeedInput): Promise<Map<string, string>> {
  const users = Object.values(seedTenantsBySlug).flatMap((tenant) => tenant.users);
  const ids = [...users, ...Object.values(platformAdmins)].map((person) => person.id);
  const there = new Set((await input.db.query(findSeededUsers, [ids])).map((row) => row.id));
  const missing = ids.filter((id) => !there.has(id));
  return new Map(await Promise.all(missing.map(async (id) => [id, await input.passwords.hash(demoPassword)] as const)));
}
