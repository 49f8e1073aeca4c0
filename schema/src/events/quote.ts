import { type Static, Type } from 'typebox';
import { closed, Id, Money, nullable } from '../contracts/shapes.js';

export const topic = 'erp.quote';

export const QuoteSent = closed({ quote_id: Id, number: Type.String(), total: Money });
export const QuoteAccepted = closed({ quote_id: Id, number: Type.String() });
export const QuoteRejected = closed({ quote_id: Id, number: Type.String() });
/** A revision took its place. A draft has no number. */
export const QuoteSuperseded = closed({ quote_id: Id, number: nullable(Type.String()), superseded_by: Id });
export const QuoteConverted = closed({ quote_id: Id, order_id: Id });

/** Its validity is over: whoever hears it has the quote expired, if it is still open. */
export const QuoteExpiryDue = closed({ quote_id: Id });
export const QuoteExpired = closed({ quote_id: Id, number: Type.String() });
/** A draft has other prices, of another version of the price list. */
export const QuoteRepriced = closed({ quote_id: Id, job_id: Id, old_total: Money, new_total: Money });

/** Event type → schema of its data. `dataschema` of the envelope is `platen:<type>:1`. */
export const quoteEvents = {
  'erp.quote.sent': QuoteSent,
  'erp.quote.accepted': QuoteAccepted,
  'erp.quote.rejected': QuoteRejected,
  'erp.quote.superseded': QuoteSuperseded,
  'erp.quote.converted': QuoteConverted,
  'erp.quote.expiry_due': QuoteExpiryDue,
  'erp.quote.expired': QuoteExpired,
  'erp.quote.repriced': QuoteRepriced,
} as const;
export type QuoteSent = Static<typeof QuoteSent>;
