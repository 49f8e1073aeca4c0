import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, OutputOf, QueryOf } from '@platen/schema/contract';
import type { ruleSets } from '@platen/schema/contracts/data/rule-sets';
import { changedJson, foundJson, orDuplicate } from '../../../stored-json.js';
import { type FindOrganization, organizationOf, requireStatus, requireVersion } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import type { Linter } from '../linter.js';
import { lintStoredDraft, publishDraft } from './publish.js';
import * as repo from './repo.js';
import { insertRules, listRules } from './rules-repo.js';
import { findVersion, versionPage } from './versions-repo.js';

export interface RuleSetService {
  list(ctx: TenantCtx, query: QueryOf<typeof ruleSets.list>): Promise<RawJson>;
  get(ctx: TenantCtx, id: string): Promise<RawJson>;
  create(ctx: TenantCtx, body: BodyOf<typeof ruleSets.create>): Promise<RawJson>;
  update(ctx: TenantCtx, id: string, body: BodyOf<typeof ruleSets.update>): Promise<RawJson>;
  retire(ctx: TenantCtx, id: string): Promise<RawJson>;
  lint(ctx: TenantCtx, id: string): Promise<OutputOf<typeof ruleSets.lint>>;
  publish(ctx: TenantCtx, id: string, body: BodyOf<typeof ruleSets.publish>): Promise<RawJson>;
  listVersions(ctx: TenantCtx, id: string, query: PageQuery): Promise<RawJson>;
  getVersion(ctx: TenantCtx, id: string, versionId: string): Promise<RawJson>;
}

export function createRuleSetService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
  readonly linter: Linter;
}): RuleSetService {
  return {
    list: (ctx, { status = null, ...query }) => readPage(ctx, deps.cursors, repo.ruleSetPage, query, [status]),

    get: async (ctx, id) => foundJson(await repo.findRuleSet(ctx.db, id)),

    create(ctx, body) {
      const { id: organizationId, settings } = organizationOf(deps.findOrganization, ctx);
      const owner = { tenantId: ctx.tenant.id, organizationId };
      const row = {
        ...owner,
        id: ctx.newId(),
        code: normalizeCode(body.code, '/body/code'),
        name: body.name,
        currency: body.currency ?? settings.currency,
        unitPriceDecimals: body.unit_price_decimals ?? 2,
      };
      return ctx.write(async (tx) => {
        const { copy_of: source } = body;
        if (source !== undefined && !(await repo.findRuleSet(tx, source))) {
          const message = 'There is no such price list';
          throw new AppError('unknown_reference', message, { fields: [{ path: '/body/copy_of', message }] });
        }
        await orDuplicate(repo.insertRuleSet(tx, row), codeKey, duplicateDetail(row.code));
        // Rules of two sets are two rules: each gets an id of its own.
        const copies = source === undefined ? [] : await listRules(tx, source);
        await insertRules(
          tx,
          owner,
          row.id,
          copies.map((rule) => ({ ...rule, id: ctx.newId() })),
        );
        return foundJson(await repo.findRuleSet(tx, row.id));
      });
    },

    async update(ctx, id, { code, ...rest }) {
      const patch = { ...rest, ...(code !== undefined && { code: normalizeCode(code, '/body/code') }) };
      const changing = repo.updateRuleSet(ctx.db.leased, id, ctx.ifMatch, patch);
      const row = await orDuplicate(changing, codeKey, duplicateDetail(patch.code ?? ''));
      if (row) requireOpen(row.status);
      return changedJson(row);
    },

    retire(ctx, id) {
      return ctx.write(async (tx) => {
        const set = await repo.lockRuleSet(tx, id);
        if (!set) throw new AppError('not_found');
        requireVersion(ctx, set.version);
        requireOpen(set.status);
        repo.touchRuleSet(tx, id, 'retired');
        return foundJson(await repo.findRuleSet(tx, id));
      });
    },

    lint: (ctx, id) => lintStoredDraft(ctx, deps.linter, id),

    publish: (ctx, id, body) => publishDraft(ctx, deps.linter, organizationOf(deps.findOrganization, ctx).id, id, body),

    async listVersions(ctx, id, query) {
      const page = await readPage(ctx, deps.cursors, versionPage, query, [id]);
      if (page.text.startsWith('{"items":[]')) foundJson(await repo.findRuleSet(ctx.db, id));
      return page;
    },

    async getVersion(ctx, id, versionId) {
      const json = await findVersion(ctx.db, id, versionId);
      if (json === undefined) throw new AppError('not_found');
      return new RawJson(json);
    },
  };
}

/** A retired price list is history. */
const requireOpen = (status: repo.RuleSetStatus): void => requireStatus(status, ['draft', 'active'], 'change');

const codeKey = 'erp_pricing_rule_sets_code_key';
const duplicateDetail = (code: string): string => `There is a price list with the code "${code}"`;
