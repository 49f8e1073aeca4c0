import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import { pricing } from '@platen/schema/contracts/data/pricing';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { type CompiledRuleSet, compileRuleSet } from '../engine/compile.js';
import { readDraft } from '../rule-sets/publish.js';
import type { PricingService } from '../service.js';
import { runInTurns } from '../turns.js';
import { comparePrices } from './compare-basket.js';
import { repriceQuotes } from './past-quotes.js';
import { findTodays, findVersionHead, listPastQuotes, type PastQuote } from './repo.js';
import { createTallies } from './tally.js';

type Body = BodyOf<typeof pricing.simulate>;
export type Simulation = OutputOf<typeof pricing.simulate>;
type Documents = Simulation['documents'];

export interface SimulateService {
  simulate(ctx: TenantCtx, body: Body): Promise<Simulation>;
}

/** Quotes are read in parts of so many, and no more lines than these are priced for one answer. */
const partSize = 50;
const maxLines = 10_000;
/** Before every quote: what stands for a cursor at first. */
const start: readonly [string, string] = ['-infinity', '00000000-0000-0000-0000-000000000000'];

export function createSimulateService(deps: {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
  readonly pricing: PricingService;
}): SimulateService {
  /** The rules to try. @throws AppError validation_failed, unknown_reference */
  async function candidate(db: Queryable, body: Body): Promise<CompiledRuleSet> {
    const { rule_set_id: draftId, rule_set_version_id: versionId } = body;
    if ((draftId === undefined) === (versionId === undefined)) {
      throw refused('validation_failed', '/body/rule_set_id', 'Either a draft or a published version');
    }
    if (versionId !== undefined) {
      const version = await findVersionHead(db, versionId);
      if (!version) throw refused('unknown_reference', '/body/rule_set_version_id', 'There is no such version');
      return deps.pricing.ruleSet(db, version);
    }
    try {
      const { set, content } = await readDraft(db, draftId ?? '');
      // A draft has no version: the receipts that come of it are kept nowhere.
      return compileRuleSet({ id: set.id, hash: '', content });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
      throw refused('unknown_reference', '/body/rule_set_id', 'There is no such price list');
    }
  }

  async function overQuotes(ctx: TenantCtx, rules: CompiledRuleSet, asked: NonNullable<Body['quotes']>) {
    const { settings } = organizationOf(deps.findOrganization, ctx);
    const { from, to, customer_id: customerId = null, limit = 200, cursor } = asked;
    if (from > to) throw refused('validation_failed', '/body/quotes/to', 'Ends before it begins');
    const use = {
      list: pricing.simulate.name,
      tenantId: ctx.tenant.id,
      organizationId: ctx.organizationId,
      workspaceId: ctx.workspaceId,
      filters: [rules.currency, from, to, customerId],
    };
    const decoded = cursor === undefined ? start : deps.cursors.decode(use, cursor);
    let after: readonly [string, string] = [decoded[0] ?? start[0], decoded[1] ?? start[1]];
    const tallies = createTallies(rules.currency);
    const documents: Documents = [];
    let lines = 0;
    for (;;) {
      const wanted = Math.min(partSize, limit - documents.length);
      const query = { currency: rules.currency, from, to, customerId, after, timeZone: settings.time_zone };
      // One more than wanted tells whether there are more.
      const found = await listPastQuotes(ctx.db.leased, { ...query, limit: wanted + 1 });
      const part: readonly PastQuote[] = found.slice(0, wanted);
      const todays = await findTodays(ctx.db.leased, part);
      documents.push(...(await runInTurns(repriceQuotes(rules, part, todays, settings.time_zone, tallies))));
      lines += part.reduce((sum, quote) => sum + quote.lines.length, 0);
      const last = part.at(-1);
      const isMore = found.length > wanted;
      if (last) after = [last.created_at, last.id];
      if (!isMore || documents.length >= limit || lines >= maxLines) {
        return { documents, ...tallies.answer(), next_cursor: isMore ? deps.cursors.encode(use, after) : null };
      }
    }
  }

  return {
    async simulate(ctx, body) {
      if ((body.basket === undefined) === (body.quotes === undefined)) {
        throw refused('validation_failed', '/body/basket', 'Either a basket or the quotes of a period');
      }
      const rules = await candidate(ctx.db.leased, body);
      const head = {
        currency: rules.currency,
        rule_set_id: body.rule_set_id ?? null,
        rule_set_version_id: body.rule_set_version_id ?? null,
      };
      if (body.quotes) return { ...head, ...(await overQuotes(ctx, rules, body.quotes)) };
      const { basket } = body;
      if (!basket) throw new Error('one of the two was given');
      return { ...head, ...(await comparePrices(ctx, deps.pricing, rules, basket)), next_cursor: null };
    },
  };
}

const refused = (code: 'validation_failed' | 'unknown_reference', path: string, message: string): AppError =>
  new AppError(code, message, { fields: [{ path, message }] });
