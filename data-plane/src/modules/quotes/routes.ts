import type { Implementation } from '@platen/chassis/http/types';
import { publicQuotes } from '@platen/schema/contracts/data/public-quotes';
import { quotes } from '@platen/schema/contracts/data/quotes';
import contentDisposition from 'content-disposition';
import type { FastifyReply } from 'fastify';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { PrintedPdf } from './print-quotes.js';
import type { PublicQuoteService } from './public-service.js';
import type { QuoteService } from './service.js';

// Where a body is optional, there may be none.
export const quoteRoutes = (service: QuoteService): Implementation<Tenant>[] => [
  implement(quotes.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(quotes.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(quotes.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(quotes.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(quotes.reprice, ({ ctx, params }) => service.reprice(ctx, params.id)),
  implement(quotes.revise, ({ ctx, params, body }) => service.revise(ctx, params.id, body ?? {})),
  implement(quotes.send, ({ ctx, params }) => service.send(ctx, params.id)),
  implement(quotes.pdf, async ({ ctx, params, reply }) => sendPdf(reply, await service.print(ctx, params.id))),
  implement(quotes.link, ({ ctx, params }) => service.link(ctx, params.id)),
  implement(quotes.accept, ({ ctx, params }) => service.accept(ctx, params.id)),
  implement(quotes.reject, ({ ctx, params, body }) => service.reject(ctx, params.id, body?.reason ?? null)),
  implement(quotes.convert, ({ ctx, params, body }) => service.convert(ctx, params.id, body?.due_on ?? null)),
];

/** A browser shows it, and saves it under this name. */
function sendPdf(reply: FastifyReply, { pdf, fileName }: PrintedPdf): Buffer {
  reply.header('content-disposition', contentDisposition(fileName, { type: 'inline' }));
  return pdf;
}

export const publicQuoteRoutes = (service: PublicQuoteService): Implementation<Tenant>[] => [
  implement(publicQuotes.get, ({ ctx, params }) => service.get(ctx, params.token)),
  implement(publicQuotes.pdf, async ({ ctx, params, reply }) => sendPdf(reply, await service.print(ctx, params.token))),
  implement(publicQuotes.answer, ({ ctx, params, body }) => service.answer(ctx, params.token, body)),
];
