import type { ShownQuote } from '@platen/schema/contracts/data/public-quotes';
import { formatExact, parseExact, subtract } from '../pricing/index.js';
import type { PrintedDocument, PrintedLine, PrintedMark } from './printed-document.js';

/** A quote's paper says what its customer's page says. */
export function printedQuote(
  shown: Omit<ShownQuote, 'number' | 'format'> & { readonly number: string | null },
  extra: { readonly mark: PrintedMark | null; readonly logo: Uint8Array | null },
): PrintedDocument {
  const { organization, customer } = shown;
  return {
    kind: 'quote',
    number: shown.number,
    revision: shown.revision,
    mark: extra.mark,
    locale: shown.locale,
    currency: shown.currency,
    issuer: {
      name: organization.legal_name ?? organization.name,
      address: organization.address,
      taxNumber: organization.tax_number,
      logo: extra.logo,
    },
    customer: {
      name: customer.name,
      address: customer.addresses.find(({ kind }) => kind === 'billing') ?? customer.addresses[0] ?? null,
    },
    issuedOn: shown.issued_on,
    validUntil: shown.valid_until,
    dueOn: shown.due_on,
    lines: shown.lines.map(printedLine),
    subtotal: shown.subtotal.amount,
    discount: shown.discount.amount,
    taxes: shown.taxes.map(({ tax_class: taxClass, percent, taxable, tax }) => ({
      taxClass,
      percent,
      taxable: taxable.amount,
      tax: tax.amount,
    })),
    total: shown.total.amount,
    depositDue: shown.deposit_due?.amount ?? null,
    terms: shown.terms,
  };
}

const printedLine = (line: ShownQuote['lines'][number]): PrintedLine => ({
  position: line.position,
  code: line.product_code,
  name: line.product_name,
  decorations: line.decorations.map((decoration) => ({
    process: decoration.process,
    location: decoration.location,
    design: decoration.design_name ?? line.design_name,
    colours: decoration.colours ?? null,
    stitches: decoration.stitches ?? null,
    widthMm: decoration.width_mm ?? null,
    heightMm: decoration.height_mm ?? null,
  })),
  sizes: line.sizes.map(({ sku, options, quantity, unit_price: price }) => ({
    sku,
    options,
    quantity,
    unitPrice: price.amount,
  })),
  quantity: line.quantity,
  unitPrice: line.unit_price.amount,
  piecesTotal: formatExact(subtract(parseExact(line.line_total.amount), parseExact(line.fee_total.amount))),
  fees: line.fees.map(({ kind, location, amount }) => ({ kind, location, amount: amount.amount })),
  lineTotal: line.line_total.amount,
});
