import type { SystemDatabase } from '@platen/chassis/db/system-database';
import { demoPassword, demoSettings, plans, roles } from '@platen/schema/seeds/identities';
import type { PasswordPool } from '../../modules/auth/index.js';
import { lockLog } from '../../modules/feed/index.js';
import { seedLock } from '../statements.js';
import type { ScaleOptions } from './options.js';
import { countSeeded, scaleStatements as statements } from './statements.js';

export interface ScaleInput extends ScaleOptions {
  readonly db: Pick<SystemDatabase, 'transaction'>;
  readonly passwords: Pick<PasswordPool, 'hash'>;
  readonly baseDomain: string;
}

/** Statements of some 10,000 rows: long enough to be quick, short enough that none is taken for one that hangs. */
const tenantsAtOnce = 1_000;

/**
 * Tenants, users and what belongs to them, in one transaction: all of them or none. A running data plane is told at the
 * end, by one entry for each tenant and organization, written in sets.
 */
export async function seedScale(input: ScaleInput): Promise<{ tenants: number; users: number }> {
  const hash = await input.passwords.hash(demoPassword);
  const { small, large, largeWithOneMore } = spreadUsers(input);
  return input.db.transaction(async (tx) => {
    await tx.query(seedLock);
    const { currency, timeZone, taxRounding, quotePrefix, orderPrefix, quoteValidDays } = demoSettings;
    const seats = [small, large, largeWithOneMore];
    for (const span of spansOf(input.tenants)) {
      await tx.query(statements.tenants, [...span, plans.pro.id, plans.starter.id, input.databases]);
      await tx.query(statements.subdomains, [...span, input.baseDomain]);
      await tx.query(statements.customDomains, span);
      await tx.query(statements.products, span);
      await tx.query(statements.modules, [...span, plans.starter.id]);
      await tx.query(statements.organizations, span);
      const settings = [currency, timeZone, taxRounding, quotePrefix, orderPrefix, quoteValidDays];
      await tx.query(statements.settings, [...span, ...settings]);
      await tx.query(statements.workspaces, span);
      await tx.query(statements.stores, span);
      await tx.query(statements.users, [...span, ...seats, hash]);
      const others = [roles.sales.id, roles.production.id, roles.purchasing.id, roles.manager.id];
      await tx.query(statements.userRoles, [...span, ...seats, roles.tenant_admin.id, others]);
    }
    lockLog(tx);
    for (const span of spansOf(input.tenants)) {
      await tx.query(statements.announceTenants, span);
      await tx.query(statements.announceOrganizations, span);
    }
    const [made] = await tx.query(countSeeded);
    return made ?? { tenants: 0, users: 0 };
  });
}

/** Numbers of tenants from 1 on: first and last of each part. */
function spansOf(tenants: number): [number, number][] {
  const parts = Math.ceil(tenants / tenantsAtOnce);
  return Array.from({ length: parts }, (_, part) => [
    part * tenantsAtOnce + 1,
    Math.min(tenants, (part + 1) * tenantsAtOnce),
  ]);
}

/** One tenant in five is large and has what the small ones, within their plan's limit, leave over. */
export function spreadUsers({ tenants, users }: Pick<ScaleOptions, 'tenants' | 'users'>) {
  const largeOnes = Math.ceil(tenants / 5);
  const small = Math.min(plans.starter.limits.users, Math.floor(users / tenants));
  const left = users - small * (tenants - largeOnes);
  return { small, large: Math.floor(left / largeOnes), largeWithOneMore: left % largeOnes };
}
