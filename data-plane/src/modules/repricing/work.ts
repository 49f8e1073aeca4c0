import type { ScopedDb } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import { createChecker } from '@platen/chassis/validation/checker';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import { RepricingPayload, type repricing } from '@platen/schema/contracts/internal/repricing';
import { dateIn, type FindOrganization, organizationOf } from '../documents/index.js';
import { findHeldJob, type JobHolder, lockHeldJob, requestJob } from '../jobs/index.js';
import type { WorkCtx } from '../module.js';
import type { RepricedOpenQuote, RepriceOpenQuote } from '../quotes/index.js';
import { reasonsOf } from './reasons.js';
import { countOpenQuotes, countRows, insertRow, listKnownQuotes, listOpenQuotes, type NewRow } from './repo.js';

/** A worker's call, in the scope that it names. */
export interface RepricingCall {
  readonly ctx: WorkCtx;
  readonly db: ScopedDb;
}
export interface RepricingWork {
  request(call: RepricingCall, body: BodyOf<typeof repricing.request>): Promise<OutputOf<typeof repricing.request>>;
  batch(
    call: RepricingCall,
    jobId: string,
    body: BodyOf<typeof repricing.batch>,
  ): Promise<OutputOf<typeof repricing.batch>>;
}

const payloads = createChecker(RepricingPayload);
/** A call of a worker is over well before its patience is. */
const longestMs = 3_000;

export function createRepricingWork(deps: {
  readonly findOrganization: FindOrganization;
  readonly repriceOpenQuote: RepriceOpenQuote;
}): RepricingWork {
  const todayOf = (ctx: WorkCtx) => dateIn(organizationOf(deps.findOrganization, ctx).settings.time_zone, ctx.now());

  return {
    async request({ ctx, db }, { event_id: eventId, currency, valid_from: validFrom }) {
      const { settings } = organizationOf(deps.findOrganization, ctx);
      const holdsFrom = dateIn(settings.time_zone, new Date(validFrom));
      const payload: RepricingPayload = {
        apply: false,
        customer_id: null,
        currency,
        price_on: holdsFrom > todayOf(ctx) ? holdsFrom : null,
      };
      const title = `What the new prices in ${currency} change in open quotes`;
      const job = await db.transaction((tx) =>
        requestJob(tx, { ...ctx, principal: null }, { kind: 'repricing', title, payload, eventId }),
      );
      return { job_id: job.id, is_new: job.isNew };
    },

    async batch(call, jobId, { owner, attempt, cursor, limit = 20 }) {
      const { ctx, db } = call;
      const holder: JobHolder = { owner, attempt, workspaceId: ctx.workspaceId };
      const job = await findHeldJob(db, jobId, holder);
      const { payload } = job;
      if (job.kind !== 'repricing' || !payloads.check(payload)) throw new AppError('not_found');
      const open = {
        workspaceId: ctx.workspaceId,
        customerId: payload.customer_id,
        currency: payload.currency,
        today: todayOf(ctx),
      };
      const ids = await listOpenQuotes(db, open, cursor, limit);
      const known = await listKnownQuotes(db, jobId, ids);
      const endsAtMs = performance.now() + longestMs;
      let last: string | null = null;
      for (const id of ids) {
        if (last !== null && performance.now() > endsAtMs) break;
        if (!known.has(id)) await repriceOne(call, jobId, holder, id, payload);
        last = id;
      }
      const isLast = ids.length < limit && last === (ids.at(-1) ?? null);
      const result = await countRows(db, jobId);
      const done = result.unchanged + result.differs + result.repriced + result.failed;
      // Counted once: what is added or sent meanwhile makes no difference that matters.
      const total = job.progress_total ?? (await countOpenQuotes(db, open));
      return { done, total: Math.max(total, done), cursor: isLast ? null : last, result };
    },
  };

  /**
   * The row and what it tells of in one transaction. The job's row is locked before the quote's: who has lost the job
   * writes nothing any more, and who asks for the same twice at once finds what is done.
   */
  async function repriceOne(
    { ctx, db }: RepricingCall,
    jobId: string,
    holder: JobHolder,
    id: string,
    { apply, price_on: priceOn }: RepricingPayload,
  ): Promise<void> {
    await db.transaction(async (tx) => {
      const [, known] = await Promise.all([lockHeldJob(tx, jobId, holder), listKnownQuotes(tx, jobId, [id])]);
      if (known.has(id)) return;
      const done = await deps.repriceOpenQuote(tx, ctx, id, { priceOn, apply: apply ? { jobId } : null });
      if (done) await insertRow(tx, rowOf(ctx, jobId, id, done));
    });
  }
}

function rowOf(ctx: WorkCtx, jobId: string, quoteId: string, done: RepricedOpenQuote): NewRow {
  const { quote, now, isApplied, isChanged } = done;
  if (ctx.organizationId === null) throw new AppError('context_required');
  const row = {
    tenantId: ctx.tenant.id,
    organizationId: ctx.organizationId,
    workspaceId: quote.workspaceId,
    jobId,
    quoteId,
    quoteVersion: quote.version,
    currency: quote.currency,
    oldTotal: quote.total,
  };
  if (now instanceof AppError) {
    const reasons = { rule_set_version_id: { before: quote.ruleSetVersionId, after: null }, lines: [], tax: null };
    return { ...row, outcome: 'failed', newTotal: null, reasons, error: { code: now.code, message: now.message } };
  }
  const outcome = isApplied ? 'repriced' : isChanged ? 'differs' : 'unchanged';
  return { ...row, outcome, newTotal: now.total, reasons: reasonsOf(quote, now), error: null };
}
