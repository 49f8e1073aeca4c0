import { type Implementation, RawJson } from '@platen/chassis/http/types';
import { pricing } from '@platen/schema/contracts/data/pricing';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import { basketJson } from './json.js';
import type { PricingService } from './service.js';
import type { SimulateService } from './simulate/service.js';
import type { VerifyService } from './verify/service.js';

export const pricingRoutes = (
  service: PricingService,
  { verify }: VerifyService,
  { simulate }: SimulateService,
): Implementation<Tenant>[] => [
  implement(pricing.verify, ({ ctx, body }) => verify(ctx, body)),
  implement(pricing.simulate, ({ ctx, body }) => simulate(ctx, body)),
  implement(pricing.price, async ({ ctx, body }) => {
    const priced = await service.price(ctx, ctx.db, {
      customerId: body.customer_id ?? null,
      priceOn: body.price_on ?? null,
      dueOn: body.due_on ?? null,
      lines: body.lines,
    });
    return new RawJson(basketJson(priced));
  }),
];
