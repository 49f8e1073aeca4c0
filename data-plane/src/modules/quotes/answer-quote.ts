import { insertEvent } from '@platen/chassis/bus/outbox';
import { AppError } from '@platen/chassis/http/app-error';
import type { RawJson } from '@platen/chassis/http/types';
import { actorOf, organizationOf, requireVersion } from '../documents/index.js';
import type { TenantCtx } from '../module.js';
import { insertOrderFromQuote } from '../orders/index.js';
import { found, originOf, type QuoteDeps } from './deps.js';
import { acceptQuote, convertQuote, rejectQuote } from './moves-repo.js';
import { findLineIds, lockQuote } from './repo.js';
import { requireMoveOn, todayOf } from './status.js';

export interface AnswerQuotes {
  accept(ctx: TenantCtx, id: string): Promise<RawJson>;
  reject(ctx: TenantCtx, id: string, reason: string | null): Promise<RawJson>;
  convert(ctx: TenantCtx, id: string, dueOn: string | null): Promise<RawJson>;
}

/** What a user records of a customer's answer, and what becomes of an accepted quote. */
export function createAnswerQuotes({ findOrganization }: QuoteDeps): AnswerQuotes {
  return {
    async accept(ctx, id) {
      const today = todayOf(organizationOf(findOrganization, ctx), ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const quote = await lockQuote(tx, id);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMoveOn(quote, 'accepted', today);
        const answer = { id, at: ctx.now(), by, name: null, ip: null };
        return found(await acceptQuote(tx, originOf(ctx, quote.workspace_id), 'user', answer));
      });
    },

    async reject(ctx, id, reason) {
      const today = todayOf(organizationOf(findOrganization, ctx), ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const quote = await lockQuote(tx, id);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMoveOn(quote, 'rejected', today);
        const answer = { id, at: ctx.now(), by, name: null, reason };
        return found(await rejectQuote(tx, originOf(ctx, quote.workspace_id), 'user', answer));
      });
    },

    async convert(ctx, id, dueOn) {
      const today = todayOf(organizationOf(findOrganization, ctx), ctx);
      const by = actorOf(ctx);
      return ctx.write(async (tx) => {
        const [quote, lines] = await Promise.all([lockQuote(tx, id), findLineIds(tx, id)]);
        if (!quote) throw new AppError('not_found');
        requireVersion(ctx, quote.version);
        requireMoveOn(quote, 'converted', today);
        const orderId = ctx.newId();
        convertQuote(tx, id, ctx.now());
        insertEvent(tx, originOf(ctx, quote.workspace_id), {
          type: 'erp.quote.converted',
          aggregateId: id,
          data: { quote_id: id, order_id: orderId },
        });
        const source = { quoteId: id, workspaceId: quote.workspace_id, ...lines };
        return found(await insertOrderFromQuote(tx, ctx, source, { id: orderId, dueOn, by }));
      });
    },
  };
}
