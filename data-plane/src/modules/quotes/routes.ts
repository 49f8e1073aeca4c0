import type { Implementation } from '@platen/chassis/http/types';
import { quotes } from '@platen/schema/contracts/data/quotes';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { QuoteService } from './service.js';

export const quoteRoutes = (service: QuoteService): Implementation<Tenant>[] => [
  implement(quotes.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(quotes.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(quotes.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(quotes.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(quotes.send, ({ ctx, params }) => service.send(ctx, params.id)),
  implement(quotes.accept, ({ ctx, params }) => service.accept(ctx, params.id)),
  // The body is optional: there may be none.
  implement(quotes.convert, ({ ctx, params, body }) => service.convert(ctx, params.id, body?.due_on ?? null)),
];
