/**
 * What is printed of a document: every text ready but for language and number format, amounts as exact decimal text.
 * Nothing is looked up while it is laid out, so it can be done in another thread.
 */
export interface PrintedDocument {
  readonly kind: 'quote' | 'order';
  /** null: a draft has none yet. */
  readonly number: string | null;
  readonly revision: number;
  /** Printed across each page, e.g. of a draft; null: nothing. */
  readonly mark: PrintedMark | null;
  /** BCP 47: of numbers, dates and, where there is a translation, of the words. */
  readonly locale: string;
  readonly currency: string;
  readonly issuer: PrintedIssuer;
  readonly customer: { readonly name: string; readonly address: PrintedAddress | null };
  /** Calendar dates. */
  readonly issuedOn: string;
  readonly validUntil: string | null;
  readonly dueOn: string | null;
  readonly lines: readonly PrintedLine[];
  readonly subtotal: string;
  readonly discount: string;
  readonly taxes: readonly PrintedTax[];
  readonly total: string;
  readonly depositDue: string | null;
  readonly terms: string | null;
}

export const printedMarks = ['draft', 'expired', 'superseded', 'rejected', 'cancelled'] as const;
export type PrintedMark = (typeof printedMarks)[number];

export interface PrintedIssuer {
  readonly name: string;
  readonly address: PrintedAddress | null;
  readonly taxNumber: string | null;
  /** PNG. */
  readonly logo: Uint8Array | null;
}

export interface PrintedAddress {
  readonly recipient?: string;
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly region?: string;
  readonly postal_code?: string;
  readonly country: string;
}

export interface PrintedLine {
  readonly position: number;
  readonly code: string;
  readonly name: string;
  readonly decorations: readonly PrintedDecoration[];
  readonly sizes: readonly PrintedSize[];
  readonly quantity: number;
  readonly unitPrice: string;
  /** Without fees. */
  readonly piecesTotal: string;
  readonly fees: readonly PrintedFee[];
  readonly lineTotal: string;
}

export interface PrintedFee {
  /** Of the rule that made it. */
  readonly kind: string;
  readonly location: string | null;
  readonly amount: string;
}

export interface PrintedDecoration {
  readonly process: string;
  readonly location: string;
  /** The design's name; null: none was named. */
  readonly design: string | null;
  readonly colours: number | null;
  readonly stitches: number | null;
  readonly widthMm: number | null;
  readonly heightMm: number | null;
}

export interface PrintedSize {
  readonly sku: string;
  /** In the order people choose them: `{ colour: 'navy', size: 'M' }`. */
  readonly options: Readonly<Record<string, string>>;
  readonly quantity: number;
  readonly unitPrice: string;
}

export interface PrintedTax {
  readonly taxClass: string;
  readonly percent: string;
  readonly taxable: string;
  readonly tax: string;
}
