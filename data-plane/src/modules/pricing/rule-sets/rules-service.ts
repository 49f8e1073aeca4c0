import type { Tx } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import type { RawJson } from '@platen/chassis/http/types';
import type { DraftRule } from '@platen/schema/contracts/data/rule-sets';
import { foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, organizationOf, requireStatus, requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { draftedRule, findPosition, type Place, requireDistinct } from './draft.js';
import { findRuleSet, type LockedRuleSet, lockRuleSet, touchRuleSet } from './repo.js';
import * as repo from './rules-repo.js';

export interface RuleService {
  list(ctx: TenantCtx, ruleSetId: string, query: PageQuery): Promise<RawJson>;
  replace(ctx: TenantCtx, ruleSetId: string, rules: readonly DraftRule[]): Promise<RawJson>;
  create(ctx: TenantCtx, ruleSetId: string, rule: DraftRule, place: Place): Promise<RawJson>;
  update(ctx: TenantCtx, ruleSetId: string, id: string, rule: DraftRule): Promise<RawJson>;
  move(ctx: TenantCtx, ruleSetId: string, id: string, place: Place): Promise<RawJson>;
  delete(ctx: TenantCtx, ruleSetId: string, id: string): Promise<RawJson>;
}

export function createRuleService(deps: { cursors: Cursors; findOrganization: FindOrganization }): RuleService {
  const ownerOf = (ctx: TenantCtx): repo.Owner => ({
    tenantId: ctx.tenant.id,
    organizationId: organizationOf(deps.findOrganization, ctx).id,
  });

  return {
    async list(ctx, ruleSetId, query) {
      const page = await readPage(ctx, deps.cursors, repo.rulePage, query, [ruleSetId]);
      // Only an empty page leaves open whether there is such a set.
      if (page.text.startsWith('{"items":[]')) foundJson(await findRuleSet(ctx.db, ruleSetId));
      return page;
    },

    replace(ctx, ruleSetId, given) {
      const rules = given.map((rule, index) => draftedRule(rule, `/body/rules/${index}`, ctx));
      requireDistinct(rules);
      return ctx.write(async (tx) => {
        await lockDraft(ctx, tx, ruleSetId);
        repo.deleteRules(tx, ruleSetId);
        await orTaken(repo.insertRules(tx, ownerOf(ctx), ruleSetId, rules));
        return foundJson(await findRuleSet(tx, ruleSetId));
      });
    },

    create(ctx, ruleSetId, given, place) {
      const rule = draftedRule(given, '/body/rule', ctx);
      return ctx.write(async (tx) => {
        await lockDraft(ctx, tx, ruleSetId);
        const position = await findPosition(tx, ruleSetId, place, null);
        await orTaken(repo.insertRules(tx, ownerOf(ctx), ruleSetId, [rule], position));
        await requireRoom(tx, ruleSetId);
        return foundJson(await repo.findChangedRule(tx, ruleSetId, rule.id));
      });
    },

    update(ctx, ruleSetId, id, given) {
      if (given.id !== undefined && given.id !== id) {
        const message = 'A rule keeps its id';
        throw new AppError('validation_failed', message, { fields: [{ path: '/body/rule/id', message }] });
      }
      const rule = draftedRule({ ...given, id }, '/body/rule', ctx);
      return ctx.write(async (tx) => {
        await lockDraft(ctx, tx, ruleSetId);
        if (!(await orTaken(repo.updateRule(tx, ruleSetId, id, rule)))) throw new AppError('not_found');
        await requireRoom(tx, ruleSetId);
        return foundJson(await repo.findChangedRule(tx, ruleSetId, id));
      });
    },

    move(ctx, ruleSetId, id, place) {
      return ctx.write(async (tx) => {
        await lockDraft(ctx, tx, ruleSetId);
        const position = await findPosition(tx, ruleSetId, place, id);
        if (!(await repo.moveRule(tx, ruleSetId, id, position))) throw new AppError('not_found');
        return foundJson(await repo.findChangedRule(tx, ruleSetId, id));
      });
    },

    delete(ctx, ruleSetId, id) {
      return ctx.write(async (tx) => {
        await lockDraft(ctx, tx, ruleSetId);
        if (!(await repo.deleteRule(tx, ruleSetId, id))) throw new AppError('not_found');
        return foundJson(await findRuleSet(tx, ruleSetId));
      });
    },
  };
}

/** The set's row is every editor's turnstile: who read an older version of the draft is told so. */
async function lockDraft(ctx: TenantCtx, tx: Tx, ruleSetId: string): Promise<LockedRuleSet> {
  const set = await lockRuleSet(tx, ruleSetId);
  if (!set) throw new AppError('not_found');
  requireVersion(ctx, set.version);
  requireStatus(set.status, ['draft', 'active'], 'change');
  touchRuleSet(tx, ruleSetId, set.status);
  return set;
}

/** A list is looked over, compiled and kept in memory whole. Replaced at once, it is bounded by the request's body. */
const maxBytes = 4 * 1024 * 1024;

async function requireRoom(tx: Tx, ruleSetId: string): Promise<void> {
  if ((await repo.sizeOfRules(tx, ruleSetId)) <= maxBytes) return;
  const message = `The rules of a price list have ${maxBytes} bytes at most`;
  throw new AppError('validation_failed', message, { fields: [{ path: '/body/rule', message }] });
}

/** A code of another rule of the draft, or an id of any other rule. */
const orTaken = <R>(write: Promise<R>): Promise<R> =>
  orDuplicate(
    orDuplicate(write, 'erp_pricing_rules_code_key', 'Another rule of the draft has this code'),
    'erp_pricing_rules_pkey',
    'Another price list has a rule with this id',
  );
