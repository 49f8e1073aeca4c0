import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { RepricingResult } from '../data/job-shapes.js';
import { CalendarDate, Currency, closed, Id, nullable, Timestamp } from '../shapes.js';

/** What a repricing was asked for with. */
export const RepricingPayload = closed({
  apply: Type.Boolean(),
  customer_id: nullable(Id),
  currency: nullable(Currency),
  /** Prices as of this day; null: of the day when each quote is looked at. */
  price_on: nullable(CalendarDate),
});
export type RepricingPayload = Static<typeof RepricingPayload>;

const service = { service: 'erp.job' } as const;
const scope = { organization_id: Id, workspace_id: Type.Optional(nullable(Id)) };
const Count = Type.Integer({ minimum: 0 });

export const repricing = contracts('internal.repricing', {
  request: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/pricing/repricing',
    access: service,
    summary: 'Have a report made of what a published version of a price list changes; once for its event',
    params: closed({ tenant_id: Id }),
    body: closed({ ...scope, event_id: Id, rule_set_version_id: Id, currency: Currency, valid_from: Timestamp }),
    status: 200,
    response: closed({ job_id: Id, is_new: Type.Boolean() }),
    errors: ['busy', 'conflict'],
    idempotency: 'exempt',
  },
  batch: {
    method: 'POST',
    path: '/internal/tenants/:tenant_id/jobs/:id/reprice',
    access: service,
    summary: 'Price the next open quotes of a repricing again',
    description:
      'Each quote with its row of the report in one transaction, so that a repeat finds what is done. Ends early rather than late: `cursor` says where to go on.',
    params: closed({ tenant_id: Id, id: Id }),
    body: closed({
      ...scope,
      owner: Id,
      attempt: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
      cursor: Type.Optional(Id),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
    }),
    status: 200,
    response: closed({
      /** Quotes looked at by all calls so far. */
      done: Count,
      total: Count,
      /** null: that was the last. */
      cursor: nullable(Id),
      result: RepricingResult,
    }),
    errors: ['lease_lost'],
    idempotency: 'exempt',
  },
});
