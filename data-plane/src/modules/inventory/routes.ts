import type { Implementation } from '@platen/chassis/http/types';
import { stock, stockAdjustments, stockLocations, stockMoves } from '@platen/schema/contracts/data/stock';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { StockService } from './service.js';

export const stockRoutes = (service: StockService): Implementation<Tenant>[] => [
  implement(stockLocations.list, ({ ctx, query }) => service.locations.list(ctx, query)),
  implement(stockLocations.get, ({ ctx, params }) => service.locations.get(ctx, params.id)),
  implement(stockLocations.create, ({ ctx, body }) => service.locations.create(ctx, body)),
  implement(stockLocations.update, ({ ctx, params, body }) => service.locations.update(ctx, params.id, body)),
  implement(stock.levels, ({ ctx, query }) => service.levels(ctx, query)),
  implement(stockMoves.list, ({ ctx, query }) => service.moves(ctx, query)),
  implement(stockMoves.transfer, ({ ctx, body }) => service.transfer(ctx, body)),
  implement(stockAdjustments.create, ({ ctx, body }) => service.adjust(ctx, body)),
  implement(stock.shortages, ({ ctx, query }) => service.shortages(ctx, query)),
  implement(stock.check, ({ ctx, query }) => service.check.check(ctx, query.cursor)),
  implement(stock.repair, ({ ctx, body }) => service.check.repair(ctx, body)),
];
