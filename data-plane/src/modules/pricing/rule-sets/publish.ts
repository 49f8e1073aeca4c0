import { insertEvent } from '@platen/chassis/bus/outbox';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import type { ruleSets } from '@platen/schema/contracts/data/rule-sets';
import { foundJson } from '../../../stored-json.js';
import { requireStatus, requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { canonicalJson, sha256 } from '../engine/canonical.js';
import type { Finding } from '../engine/lint.js';
import type { Linter } from '../linter.js';
import { findCatalogue, type StoredCatalogue } from './catalogue-repo.js';
import { findingJson } from './lint-json.js';
import { findDraft, type LockedRuleSet, lockRuleSetsOfCurrency, touchRuleSet } from './repo.js';
import { listRules } from './rules-repo.js';
import { endVersion, findPublished, insertVersion, listValidities, type Validity } from './versions-repo.js';

interface Draft {
  readonly set: LockedRuleSet;
  readonly content: RuleSetContent;
}

/** The draft as a version would hold it. @throws AppError not_found */
export async function readDraft(db: Queryable, id: string): Promise<Draft> {
  // The set first: rules that change in between then belong to a later version than the one that was read.
  const set = await findDraft(db, id);
  if (!set) throw new AppError('not_found');
  const rules = await listRules(db, id);
  return {
    set,
    content: {
      format: 'platen-rule-set/2',
      currency: set.currency,
      unit_price_decimals: set.unit_price_decimals,
      rules: [...rules],
    },
  };
}

interface LintedDraft extends Draft {
  readonly findings: readonly Finding[];
  readonly tried: StoredCatalogue;
}

/** Outside any transaction: it may take seconds. @throws AppError not_found, busy */
async function lintDraft(ctx: TenantCtx, linter: Linter, id: string): Promise<LintedDraft> {
  const draft = await readDraft(ctx.db.leased, id);
  const tried = await findCatalogue(ctx.db.leased, draft.content.currency, draft.content.rules);
  const findings = await linter.lint({ content: draft.content, catalogue: tried }, ctx.tenant.id);
  return { ...draft, findings, tried };
}

export async function lintStoredDraft(
  ctx: TenantCtx,
  linter: Linter,
  id: string,
): Promise<OutputOf<typeof ruleSets.lint>> {
  const { set, findings, tried } = await lintDraft(ctx, linter, id);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    rule_set_id: id,
    version: set.version,
    errors,
    warnings: findings.length - errors,
    findings: findings.map(findingJson),
    products_tried: tried.products.length,
    products: tried.productCount,
  };
}

/**
 * Writes the draft as a version for good. What was looked at is what is published: the sets of the currency are locked
 * after the long look, and a draft that has changed meanwhile is refused.
 */
export async function publishDraft(
  ctx: TenantCtx,
  linter: Linter,
  organizationId: string,
  id: string,
  body: BodyOf<typeof ruleSets.publish>,
): Promise<RawJson> {
  const draft = await lintDraft(ctx, linter, id);
  return ctx.write(async (tx) => {
    requireVersion(ctx, draft.set.version);
    requireStatus(draft.set.status, ['draft', 'active'], 'publication');
    requireSound(draft.findings);
    const sets = await lockRuleSetsOfCurrency(tx, id);
    const set = sets.find((candidate) => candidate.id === id);
    if (set?.version !== draft.set.version) {
      throw new AppError('version_mismatch', 'The draft changed while it was looked at', {
        extensions: { version: set?.version },
      });
    }
    retireOther(tx, set, sets, body);
    const validities = await listValidities(tx, id);
    const { validFrom, validUntil } = validityOf(body.valid_from, validities, ctx.now());
    const content = canonicalJson(draft.content);
    const version = {
      tenantId: ctx.tenant.id,
      organizationId,
      id: ctx.newId(),
      ruleSetId: id,
      version: Math.max(0, ...validities.map((held) => held.version)) + 1,
      content,
      hash: sha256(content),
      validFrom,
      validUntil,
    };
    endVersion(tx, id, validFrom);
    insertVersion(tx, version);
    touchRuleSet(tx, id, 'active');
    insertEvent(tx, ctx, {
      type: 'erp.pricing_rule_set.published',
      aggregateId: id,
      data: {
        rule_set_id: id,
        rule_set_version_id: version.id,
        version: version.version,
        currency: set.currency,
        valid_from: validFrom.toISOString(),
      },
    });
    return foundJson(await findPublished(tx, id, version.id));
  });
}

/** @throws AppError rule_set_faulty, with every fault */
function requireSound(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new AppError('rule_set_faulty', errors[0]?.message, {
    fields: errors.map(({ path, message }) => ({ path, message })),
    extensions: { findings: errors.map(findingJson) },
  });
}

/**
 * One price list of a currency is active at most: of two, which one prices a basket would be an accident of dates.
 * @throws AppError duplicate while another one is active and `replaces` does not name it; unknown_reference
 */
function retireOther(
  tx: Tx,
  set: LockedRuleSet,
  sets: readonly LockedRuleSet[],
  { replaces, valid_from: validFrom }: BodyOf<typeof ruleSets.publish>,
): void {
  const active = sets.find((other) => other.id !== set.id && other.status === 'active');
  if (replaces === undefined) {
    if (!active) return;
    throw new AppError('duplicate', `Another price list in ${set.currency} is active`, {
      extensions: { active_rule_set_id: active.id },
    });
  }
  if (replaces !== active?.id) {
    const message = `No other price list in ${set.currency} that is active has this id`;
    throw new AppError('unknown_reference', message, { fields: [{ path: '/body/replaces', message }] });
  }
  if (validFrom !== undefined) {
    const message = 'What takes the place of an active price list does so at once';
    throw new AppError('validation_failed', message, { fields: [{ path: '/body/valid_from', message }] });
  }
  touchRuleSet(tx, active.id, 'retired');
}

/**
 * A version that begins within this time counts as begun, for one that begins at once: instances' clocks differ, and
 * of two publications the later one must hold.
 */
const soonMs = 60_000;

/**
 * From when to when a new version holds. What held before ends where it begins; what is scheduled for later begins when
 * it was said to. So no two of a set ever hold at the same time, and none has a gap behind it.
 * @throws AppError validation_failed for a moment in the past; duplicate for one at which another version begins
 */
function validityOf(
  wanted: string | undefined,
  held: readonly Validity[],
  now: Date,
): { validFrom: Date; validUntil: Date | null } {
  const starts = held.map(({ valid_from }) => valid_from.getTime());
  let at = now.getTime();
  if (wanted === undefined)
    at = Math.max(at, ...starts.filter((start) => start <= at + soonMs).map((start) => start + 1));
  else {
    const given = Date.parse(wanted);
    if (Number.isNaN(given) || given < at) {
      const message = 'A price list is not published for the past';
      throw new AppError('validation_failed', message, { fields: [{ path: '/body/valid_from', message }] });
    }
    at = given;
  }
  if (starts.includes(at)) throw new AppError('duplicate', 'Another version begins at this very moment');
  const next = starts.filter((start) => start > at);
  return { validFrom: new Date(at), validUntil: next.length > 0 ? new Date(Math.min(...next)) : null };
}
