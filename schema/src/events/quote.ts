import { type Static, Type } from 'typebox';
import { closed, Id, Money } from '../contracts/shapes.js';

export const topic = 'erp.quote';

export const QuoteSent = closed({ quote_id: Id, number: Type.String(), total: Money });
export const QuoteAccepted = closed({ quote_id: Id, number: Type.String() });
export const QuoteConverted = closed({ quote_id: Id, order_id: Id });

/** Event type → schema of its data. `dataschema` of the envelope is `platen:<type>:1`. */
export const quoteEvents = {
  'erp.quote.sent': QuoteSent,
  'erp.quote.accepted': QuoteAccepted,
  'erp.quote.converted': QuoteConverted,
} as const;
export type QuoteSent = Static<typeof QuoteSent>;
