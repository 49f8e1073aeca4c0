import { AppError, permissionDenied } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import { createChecker } from '@platen/chassis/validation/checker';
import type { BodyOf, QueryOf } from '@platen/schema/contract';
import type { repricing } from '@platen/schema/contracts/data/repricing';
import { RepricingPayload } from '@platen/schema/contracts/internal/repricing';
import { type RequireRetry, requestJob } from '../jobs/index.js';
import type { TenantCtx } from '../module.js';
import { hasCustomer, isRepricing, rowPages } from './repo.js';

export interface RepricingService {
  start(ctx: TenantCtx, body: BodyOf<typeof repricing.start>): Promise<RawJson>;
  rows(ctx: TenantCtx, id: string, query: QueryOf<typeof repricing.rows>): Promise<RawJson>;
}

const payloads = createChecker(RepricingPayload);

/** @throws AppError permission_denied */
function requireApply(ctx: TenantCtx): void {
  if (ctx.principal?.has('erp.quote.write') === true) return;
  throw permissionDenied('erp.quote.write', 'Applying new prices takes the permission to write quotes');
}

/** Whoever has one tried again that writes prices says so as if it were new. @throws AppError permission_denied */
export const requireRepricingRetry: RequireRetry = (ctx, { kind, payload }) => {
  if (kind === 'repricing' && payloads.check(payload) && payload.apply) requireApply(ctx);
};

export const createRepricingService = (deps: { readonly cursors: Cursors }): RepricingService => ({
  start: (ctx, { apply = false, customer_id: customerId = null }) =>
    ctx.write(async (tx) => {
      if (apply) requireApply(ctx);
      if (customerId !== null && !(await hasCustomer(tx, customerId))) {
        const message = 'There is no such customer';
        throw new AppError('unknown_reference', message, { fields: [{ path: '/body/customer_id', message }] });
      }
      const payload: RepricingPayload = { apply, customer_id: customerId, currency: null, price_on: null };
      const title = apply ? 'Drafts priced again' : 'What pricing open quotes again would change';
      const job = await requestJob(tx, ctx, { kind: 'repricing', title, payload });
      return new RawJson(job.json, job.version);
    }),

  async rows(ctx, id, { outcome, ...query }) {
    if (!(await isRepricing(ctx.db, id))) throw new AppError('not_found');
    return outcome === undefined
      ? readPage(ctx, deps.cursors, rowPages.all, query, [id])
      : readPage(ctx, deps.cursors, rowPages.ofOutcome, query, [id, outcome]);
  },
});
