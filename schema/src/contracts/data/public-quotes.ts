import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import {
  CalendarDate,
  Code,
  Currency,
  closed,
  Email,
  literals,
  Money,
  Name,
  nullable,
  PostalAddress,
  Text,
  Timestamp,
} from '../shapes.js';
import { Address } from './customers.js';
import { PieceSum, Pieces, TaxShare } from './pricing.js';
import { decorationProcesses, ruleKinds } from './pricing-rules.js';
import { RejectReason } from './quotes.js';

const size = Type.Integer({ minimum: 1 });
export const ShownDecoration = closed({
  process: literals(decorationProcesses),
  location: Type.String(),
  design_name: Type.Optional(Type.String()),
  colours: Type.Optional(size),
  stitches: Type.Optional(size),
  width_mm: Type.Optional(size),
  height_mm: Type.Optional(size),
});
export const ShownSize = closed({
  sku: Type.String(),
  /** `{"size": "m", "colour": "black"}`. */
  options: Type.Record(Type.String(), Type.String()),
  quantity: Pieces,
  unit_price: Money,
});
/** What a line bears once, however many pieces. */
export const ShownFee = closed({
  /** Of the rule that asks for it: `screen_print` are screens, `embroidery` digitizing. */
  kind: literals(ruleKinds),
  /** Of screens, which are made for a place. */
  location: nullable(Code),
  amount: Money,
});
export const ShownLine = closed({
  position: Type.Integer({ minimum: 1 }),
  product_name: Name,
  product_code: Type.String(),
  design_name: nullable(Type.String()),
  decorations: Type.Array(ShownDecoration),
  quantity: PieceSum,
  unit_price: Money,
  /** Their sum is `fee_total`. */
  fees: Type.Array(ShownFee),
  fee_total: Money,
  line_total: Money,
  sizes: Type.Array(ShownSize),
});
/** What a quote says by its own rows. */
export const ShownContent = closed({
  revision: Type.Integer({ minimum: 1 }),
  currency: Currency,
  valid_until: CalendarDate,
  due_on: nullable(CalendarDate),
  customer: closed({ name: Name, email: nullable(Email), addresses: Type.Array(Address) }),
  lines: Type.Array(ShownLine),
  subtotal: Money,
  discount: Money,
  tax: Money,
  total: Money,
  /** `tax` is their sum. */
  taxes: Type.Array(TaxShare),
  deposit_due: nullable(Money),
});
/**
 * What the customer is shown, and all of it: page, PDF and acceptance go by this document. Kept as the RFC 8785 (JCS) form
 * of this object with that text's SHA-256.
 */
export const ShownQuote = closed({
  format: Type.Literal('platen-quote/1'),
  number: Type.String(),
  issued_on: CalendarDate,
  /** BCP 47: how the organization writes dates and amounts. */
  locale: Type.String(),
  organization: closed({
    name: Name,
    legal_name: nullable(Name),
    address: nullable(PostalAddress),
    tax_number: nullable(Type.String()),
  }),
  terms: nullable(Text),
  ...ShownContent.properties,
});
export type ShownQuote = Static<typeof ShownQuote>;

/** As the customer may know it: whether an order was made of an accepted quote is the shop's matter. */
export const publicQuoteStatuses = ['sent', 'accepted', 'rejected', 'expired', 'superseded'] as const;
export type PublicQuoteStatus = (typeof publicQuoteStatuses)[number];
const DocumentHash = Type.String({
  pattern: '^[0-9a-f]{64}$',
  examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  description: 'SHA-256 of the RFC 8785 form of `document`, lower-case hex',
});
export const PublicQuote = closed({
  status: literals(publicQuoteStatuses),
  document: ShownQuote,
  document_hash: DocumentHash,
  accepted_at: nullable(Timestamp),
  /** As it was signed by the link. */
  accepted_name: nullable(Type.String()),
  rejected_at: nullable(Timestamp),
});

/** Any text: what is no token is answered as one that nobody has. */
const TokenParams = closed({ token: Type.String({ minLength: 1, maxLength: 256 }) });

export const publicQuotes = contracts('erp.publicQuotes', {
  get: {
    method: 'GET',
    path: '/api/public/quotes/:token',
    access: 'public',
    summary: 'What the customer of a sent quote is shown',
    description: 'The token is in the fragment of the mailed link; whoever has it is the customer.',
    params: TokenParams,
    secretPath: true,
    status: 200,
    response: PublicQuote,
    errors: ['rate_limited'],
    navigable: true,
  },
  pdf: {
    method: 'GET',
    path: '/api/public/quotes/:token/pdf',
    access: 'public',
    summary: 'What the customer of a sent quote is shown, as a PDF',
    params: TokenParams,
    secretPath: true,
    status: 200,
    response: Type.String({ description: 'A PDF' }),
    mediaType: 'application/pdf',
    errors: ['rate_limited', 'busy'],
    navigable: true,
    rateClass: 'compute',
  },
  answer: {
    method: 'POST',
    path: '/api/public/quotes/:token',
    access: 'public',
    summary: 'Accept or reject a sent quote, as its customer',
    description:
      'Bound to what was shown: `document_hash` is of the document that the page had. The same answer once more changes nothing and is answered as the first was.',
    params: TokenParams,
    secretPath: true,
    body: closed({
      action: literals(['accept', 'reject']),
      document_hash: DocumentHash,
      /** Who answers, as a signature. */
      name: Name,
      /** Of a rejection. */
      reason: Type.Optional(nullable(RejectReason)),
    }),
    status: 200,
    response: PublicQuote,
    errors: ['rate_limited', 'content_changed', 'quote_superseded', 'quote_expired', 'illegal_transition'],
    // The document's hash does what a key would: nobody is signed in whose keys could be told apart.
    idempotency: 'exempt',
  },
});
