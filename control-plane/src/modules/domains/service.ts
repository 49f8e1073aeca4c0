import { randomBytes } from 'node:crypto';
import { createTokenBuckets, rateLimit } from '@platen/chassis/cache/token-buckets';
import { isUniqueViolation } from '@platen/chassis/db/errors';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError, permissionDenied } from '@platen/chassis/http/app-error';
import type { PermissionCode } from '@platen/schema/permissions';
import { orDuplicate } from '../../or-duplicate.js';
import { wholeTenant } from '../access/index.js';
import { recordAudit } from '../audit/index.js';
import { appendTenant } from '../feed/index.js';
import { lockPlaces } from '../organizations/index.js';
import type { Actor } from './actor.js';
import { parseDomain } from './domain-name.js';
import * as repo from './repo.js';
import type { TxtResolver } from './txt-resolver.js';

export interface DomainService {
  /** A claim, to be proven; by an operator, who vouches for it, proven at once. @throws AppError domain_unacceptable, duplicate, limit_reached */
  create(actor: Actor, domain: string, options: { readonly verified: boolean }): Promise<repo.DomainRow>;
  /** @throws AppError not_found, domain_unverified, duplicate, rate_limited */
  verify(actor: Actor, id: string): Promise<repo.DomainRow>;
  /** @throws AppError not_found, domain_unverified, in_use */
  makePrimary(actor: Actor, id: string): Promise<repo.DomainRow>;
  /** @throws AppError not_found, in_use */
  delete(actor: Actor, id: string): Promise<void>;
}

export interface DomainDeps {
  readonly baseDomain: string;
  readonly dns: TxtResolver;
}

/** Bounds what a tenant's claims can take, proven or not. */
const maxDomains = 100;
/** Each asks somebody else's name servers. */
const verifications = rateLimit('domain_verification', 10);

export function createDomainService(deps: DomainDeps): DomainService {
  const limits = createTokenBuckets({ maxBuckets: 10_000 });
  const draw = ({ ctx, tenantId }: Actor) => {
    const taken = limits.take(tenantId, verifications, 1, ctx.now().getTime());
    if (!taken.allowed) throw new AppError('rate_limited', undefined, { retryAfterSeconds: taken.resetSeconds });
  };
  return {
    create: (actor, domain, { verified }) => createDomain(deps, actor, domain, verified),

    async verify(actor, id) {
      await requireTenant(actor, actor.db);
      const domain = await repo.findDomain(actor.db, actor.tenantId, id);
      if (domain === undefined) throw new AppError('not_found');
      if (domain.verification === null) return domain;
      draw(actor);
      // Before the transaction: nothing is held while strangers' servers take their time.
      await requireRecord(deps.dns, domain.verification);
      return keepVerified(actor, domain);
    },

    makePrimary: (actor, id) =>
      change(actor, id, async (tx, domain) => {
        if (domain.verified_at === null) throw new AppError('domain_unverified');
        if (await repo.hasStore(tx, actor.tenantId, id)) {
          throw new AppError('in_use', 'A storefront’s host leads to one organization only');
        }
        const after = await repo.updatePrimary(tx, actor.tenantId, id);
        recordAudit(tx, actor.ctx, actor.tenantId, {
          action: 'domain.update',
          target: `domain:${id}`,
          before: domain,
          after,
        });
        appendTenant(tx, actor.tenantId);
        return after;
      }),

    delete: (actor, id) =>
      change(actor, id, async (tx, domain) => {
        if (domain.kind === 'subdomain') throw new AppError('in_use', 'The tenant’s own sub-domain stays');
        if (domain.is_primary) throw new AppError('in_use', 'It is the primary domain');
        if (await repo.hasStore(tx, actor.tenantId, id)) throw new AppError('in_use', 'A storefront is open there');
        repo.deleteDomain(tx, actor.tenantId, id);
        recordAudit(tx, actor.ctx, actor.tenantId, { action: 'domain.delete', target: `domain:${id}`, before: domain });
        if (domain.verified_at !== null) appendTenant(tx, actor.tenantId);
      }),
  };
}

const writing: PermissionCode = 'admin.domain.write';

/** Domains lead to the whole tenant, so that is where the permission is needed. @throws AppError permission_denied */
async function requireTenant(actor: Actor, db: Queryable): Promise<void> {
  if (await actor.may(db, writing, wholeTenant)) return;
  throw permissionDenied(writing, 'Needed at the scope tenant');
}

type Tx = Parameters<typeof repo.insertDomain>[0];

async function change<R>(actor: Actor, id: string, work: (tx: Tx, domain: repo.DomainRow) => Promise<R>): Promise<R> {
  return actor.ctx.write(async (tx) => {
    const [, , domain] = await Promise.all([
      lockPlaces(tx, actor.tenantId),
      requireTenant(actor, tx),
      repo.findDomain(tx, actor.tenantId, id),
    ]);
    if (domain === undefined) throw new AppError('not_found');
    return work(tx, domain);
  });
}

async function createDomain(deps: DomainDeps, actor: Actor, text: string, verified: boolean) {
  const { ctx, tenantId } = actor;
  const domain = parseDomain(text, deps.baseDomain);
  const token = `platen-${randomBytes(20).toString('hex')}`;
  return ctx.write(async (tx) => {
    const [, , total] = await Promise.all([
      lockPlaces(tx, tenantId),
      requireTenant(actor, tx),
      repo.countDomains(tx, tenantId),
    ]);
    if (total >= maxDomains) throw new AppError('limit_reached', `A tenant has up to ${maxDomains} domains`);
    const given = { id: ctx.newId(), domain, token, verified };
    const made = await orTaken(
      orDuplicate(repo.insertDomain(tx, tenantId, given), 'tenant_domains_domain_key', `${domain} is there already`),
    );
    recordAudit(tx, ctx, tenantId, { action: 'domain.create', target: `domain:${made.id}`, after: made });
    if (verified) appendTenant(tx, tenantId);
    return made;
  });
}

async function keepVerified(actor: Actor, before: repo.DomainRow): Promise<repo.DomainRow> {
  const { ctx, tenantId } = actor;
  return ctx.write(async (tx) => {
    await lockPlaces(tx, tenantId);
    const after = await orTaken(repo.updateVerified(tx, tenantId, before.id));
    if (after === undefined) {
      const current = await repo.findDomain(tx, tenantId, before.id);
      if (current === undefined) throw new AppError('not_found');
      return current;
    }
    recordAudit(tx, ctx, tenantId, { action: 'domain.verify', target: `domain:${before.id}`, before, after });
    appendTenant(tx, tenantId);
    return after;
  });
}

/** Whoever proved a domain first has it until they let go of it, or an operator takes it from them. */
async function orTaken<R>(write: Promise<R>): Promise<R> {
  try {
    return await write;
  } catch (error) {
    if (!isUniqueViolation(error, 'tenant_domains_verified_key')) throw error;
    throw new AppError('duplicate', 'This domain leads to another tenant', { cause: error });
  }
}

/** What a refusal shows of what was found: enough to see a typing error by. */
const maxShown = 10;

async function requireRecord(dns: TxtResolver, expected: NonNullable<repo.DomainRow['verification']>): Promise<void> {
  let found: readonly string[];
  try {
    found = await dns.resolveTxt(expected.name);
  } catch (cause) {
    throw new AppError('domain_unverified', 'Its name servers did not answer', { cause, extensions: { expected } });
  }
  if (found.some((text) => text.trim() === expected.value)) return;
  const shown = found.slice(0, maxShown).map((text) => text.slice(0, 255));
  throw new AppError('domain_unverified', undefined, { extensions: { expected, found: shown } });
}
