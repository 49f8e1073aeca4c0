import type { EventHandler } from '@platen/chassis/bus/bus';
import type { EventType } from '@platen/schema/events/index';
import { type QuoteSentDeps, quoteSent } from './erp.quote/quote-sent.js';

/** Every event type that this worker acts on; the others of a topic pass. */
export function dispatch(deps: QuoteSentDeps): EventHandler {
  const handlers = new Map<string, EventHandler>([['erp.quote.sent' satisfies EventType, quoteSent(deps)]]);
  return async (delivery) => handlers.get(delivery.event.type)?.(delivery);
}

/** The topics that hold them. */
export const topics = ['erp.quote'] as const;
