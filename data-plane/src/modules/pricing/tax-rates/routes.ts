import type { Implementation } from '@platen/chassis/http/types';
import { taxRates } from '@platen/schema/contracts/data/tax-rates';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { TaxRateService } from './service.js';

export const taxRateRoutes = (service: TaxRateService): Implementation<Tenant>[] => [
  implement(taxRates.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(taxRates.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(taxRates.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(taxRates.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(taxRates.delete, ({ ctx, params }) => service.delete(ctx, params.id)),
];
