import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { repricingOutcomes } from '../../states/job.js';
import {
  Code,
  closed,
  Id,
  IdParams,
  literals,
  Money,
  nullable,
  page,
  pageQuery,
  Timestamp,
  Version,
} from '../shapes.js';
import { Job, JobError } from './job-shapes.js';
import { PieceSum } from './pricing.js';

/** What a price was made of, and is not any more: a catalogue price, a rule, what the customer counts as. */
export const repricingReasonKinds = [
  'base_price',
  'size_price',
  'customer_group',
  'rule_added',
  'rule_removed',
  'rule_changed',
] as const;
export type RepricingReasonKind = (typeof repricingReasonKinds)[number];

const RepricingReason = closed({
  kind: literals(repricingReasonKinds),
  /** The rule that it is about; null: no rule. */
  rule_code: nullable(Code),
  /** As receipts say it: `-5%`, `set to 4.2`, `4 screens × 18`. null: there was none. */
  before: nullable(Type.String()),
  after: nullable(Type.String()),
});
export type RepricingReason = Static<typeof RepricingReason>;

const change = { before: Money, after: Money };
export const RepricingReasons = closed({
  rule_set_version_id: closed({ before: Id, after: nullable(Id) }),
  /** Those whose price differs. */
  lines: Type.Array(
    closed({
      position: Type.Integer({ minimum: 1 }),
      product_id: Id,
      quantity: PieceSum,
      unit_price: closed(change),
      line_total: closed(change),
      reasons: Type.Array(RepricingReason),
    }),
  ),
  /** null: it is the same, or there is no new price. */
  tax: nullable(closed(change)),
});
export type RepricingReasons = Static<typeof RepricingReasons>;

export const RepricingRow = closed({
  quote_id: Id,
  /** null: a draft that was never sent. */
  number: nullable(Type.String()),
  customer_id: Id,
  outcome: literals(repricingOutcomes),
  /** The quote's when it was looked at. */
  quote_version: Version,
  old_total: Money,
  /** null: no price can be given; `error` says why. */
  new_total: nullable(Money),
  reasons: RepricingReasons,
  error: nullable(JobError),
  created_at: Timestamp,
});

export const repricing = contracts('erp.repricing', {
  start: {
    method: 'POST',
    path: '/api/erp/pricing/repricing',
    access: requires('erp.repricing.run'),
    consults: ['erp.quote.write'],
    summary: 'Price the open quotes of this context again',
    description:
      'A job. Without `apply` it only reports what would change and why. With `apply`, for which one must be allowed to write quotes, drafts get their new prices; a sent quote is a promise and is only reported: revise it to change it. Whenever a version of a price list is published, the product asks for a report by itself, by the prices of the day from which the version holds.',
    body: closed({
      /** Give drafts their new prices. */
      apply: Type.Optional(Type.Boolean({ default: false })),
      /** This customer's only. */
      customer_id: Type.Optional(Id),
    }),
    status: 201,
    response: Job,
    errors: ['unknown_reference', 'busy'],
  },
  rows: {
    method: 'GET',
    path: '/api/erp/pricing/repricing/:id/rows',
    access: requires('erp.quote.read'),
    summary: 'List what a repricing found: old price, new price, why',
    description:
      '`unchanged`: the same price. `differs`: another price, reported only. `repriced`: the draft has it now. `failed`: no price can be given, `error` says why. The newest quotes come first; while the job runs, more rows follow.',
    params: IdParams,
    query: closed({ ...pageQuery, outcome: Type.Optional(literals(repricingOutcomes)) }),
    status: 200,
    response: page(RepricingRow),
    paged: true,
  },
});
