import type { PrintedMark } from './printed-document.js';

/** The words of printed documents, by language. */
export interface Words {
  readonly quote: string;
  readonly order: string;
  readonly revision: string;
  readonly date: string;
  readonly validUntil: string;
  readonly dueOn: string;
  readonly to: string;
  readonly taxNumber: string;
  readonly position: string;
  readonly description: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly subtotal: string;
  readonly discount: string;
  readonly net: string;
  readonly noTax: string;
  readonly total: string;
  readonly deposit: string;
  readonly terms: string;
  tax(taxClass: string, percent: string, taxable: string): string;
  page(current: number, of: number): string;
  colours(count: number): string;
  stitches(count: string): string;
  /** By the kind of the rule that made it. */
  readonly fees: Readonly<Record<string, string>>;
  readonly otherFee: string;
  readonly processes: Readonly<Record<string, string>>;
  readonly marks: Readonly<Record<PrintedMark, string>>;
}

const english: Words = {
  quote: 'Quote',
  order: 'Order confirmation',
  revision: 'Revision',
  date: 'Date',
  validUntil: 'Valid until',
  dueOn: 'Needed by',
  to: 'For',
  taxNumber: 'Tax number',
  position: 'No.',
  description: 'Description',
  quantity: 'Pieces',
  unitPrice: 'Each',
  amount: 'Amount',
  subtotal: 'Subtotal',
  discount: 'Discount',
  net: 'Net',
  noTax: 'No tax is charged',
  total: 'Total',
  deposit: 'Deposit due',
  terms: 'Terms',
  tax: (taxClass, percent, taxable) => `Tax, ${taxClass} ${percent} on ${taxable}`,
  page: (current, of) => `Page ${current} of ${of}`,
  colours: (count) => (count === 1 ? '1 colour' : `${count} colours`),
  stitches: (count) => `${count} stitches`,
  processes: {
    screen_print: 'Screen print',
    embroidery: 'Embroidery',
    transfer: 'Transfer',
    direct_print: 'Direct print',
    engraving: 'Engraving',
  },
  fees: {
    screen_print: 'Screens',
    embroidery: 'Digitizing',
    setup_fee: 'Set-up',
    minimum_charge: 'Up to the minimum charge',
  },
  otherFee: 'Fee',
  marks: {
    draft: 'DRAFT',
    expired: 'EXPIRED',
    superseded: 'SUPERSEDED',
    rejected: 'REJECTED',
    cancelled: 'CANCELLED',
  },
};

const german: Words = {
  quote: 'Angebot',
  order: 'Auftragsbestätigung',
  revision: 'Fassung',
  date: 'Datum',
  validUntil: 'Gültig bis',
  dueOn: 'Benötigt bis',
  to: 'Für',
  taxNumber: 'Steuernummer',
  position: 'Nr.',
  description: 'Bezeichnung',
  quantity: 'Stück',
  unitPrice: 'Einzelpreis',
  amount: 'Betrag',
  subtotal: 'Zwischensumme',
  discount: 'Rabatt',
  net: 'Netto',
  noTax: 'Es wird keine Steuer berechnet',
  total: 'Gesamtbetrag',
  deposit: 'Anzahlung',
  terms: 'Bedingungen',
  tax: (taxClass, percent, taxable) => `Steuer, ${taxClass} ${percent} auf ${taxable}`,
  page: (current, of) => `Seite ${current} von ${of}`,
  colours: (count) => (count === 1 ? '1 Farbe' : `${count} Farben`),
  stitches: (count) => `${count} Stiche`,
  processes: {
    screen_print: 'Siebdruck',
    embroidery: 'Stickerei',
    transfer: 'Transferdruck',
    direct_print: 'Direktdruck',
    engraving: 'Gravur',
  },
  fees: {
    screen_print: 'Siebe',
    embroidery: 'Punchen',
    setup_fee: 'Einrichtung',
    minimum_charge: 'Ausgleich zum Mindestpreis',
  },
  otherFee: 'Gebühr',
  marks: {
    draft: 'ENTWURF',
    expired: 'ABGELAUFEN',
    superseded: 'ERSETZT',
    rejected: 'ABGELEHNT',
    cancelled: 'STORNIERT',
  },
};

const languages: Readonly<Record<string, Words>> = { en: english, de: german };

/** By the language of a BCP 47 tag; English where there is no translation. */
export const wordsOf = (locale: string): Words => languages[locale.split('-', 1)[0]?.toLowerCase() ?? ''] ?? english;
