import type { PrintedDocument, PrintedLine } from './printed-document.js';

/** Documents as tests print them. */
export const sampleLine: PrintedLine = {
  position: 1,
  code: 'heavy-tee',
  name: 'Heavyweight T-shirt',
  decorations: [
    {
      process: 'screen_print',
      location: 'front',
      design: 'Rowing Club crest',
      colours: 3,
      stitches: null,
      widthMm: null,
      heightMm: null,
    },
    {
      process: 'embroidery',
      location: 'left sleeve',
      design: null,
      colours: null,
      stitches: 8400,
      widthMm: null,
      heightMm: null,
    },
  ],
  sizes: ['S', 'M', 'L', 'XL', '2XL'].flatMap((size) =>
    ['navy', 'white'].map((colour) => ({
      sku: `heavy-tee-${colour}-${size}`.toLowerCase(),
      options: { colour, size },
      quantity: 24,
      unitPrice: size === '2XL' ? '13.4000' : '11.9000',
    })),
  ),
  quantity: 240,
  unitPrice: '12.2000',
  piecesTotal: '2928.0000',
  fees: [
    { kind: 'screen_print', location: 'front', amount: '100.0000' },
    { kind: 'embroidery', location: null, amount: '45.0000' },
  ],
  lineTotal: '3073.0000',
};

export const sampleDocument: PrintedDocument = {
  kind: 'quote',
  number: 'Q-2026-00042',
  revision: 2,
  mark: null,
  locale: 'en-IE',
  currency: 'EUR',
  issuer: {
    name: 'Acme Print GmbH',
    address: { line1: 'Werkstrasse 12', postal_code: '10115', city: 'Berlin', country: 'DE' },
    taxNumber: 'DE 123 456 788',
    logo: null,
  },
  customer: {
    name: 'Harbor Rowing Club',
    address: { recipient: 'Ada Łukasz', line1: 'Pier 4', postal_code: '20457', city: 'Hamburg', country: 'DE' },
  },
  issuedOn: '2026-03-01',
  validUntil: '2026-03-31',
  dueOn: '2026-04-12',
  lines: [
    sampleLine,
    {
      ...sampleLine,
      position: 2,
      code: 'cap',
      name: 'Cap, six panels',
      decorations: [],
      sizes: [{ sku: 'cap-black', options: { colour: 'black' }, quantity: 50, unitPrice: '4.2550' }],
      quantity: 50,
      unitPrice: '4.2550',
      piecesTotal: '212.7500',
      fees: [],
      lineTotal: '212.7500',
    },
  ],
  subtotal: '3405.7500',
  discount: '120.0000',
  taxes: [
    { taxClass: 'standard', percent: '19', taxable: '3073.0000', tax: '583.8700' },
    { taxClass: 'reduced', percent: '7', taxable: '212.7500', tax: '14.8900' },
  ],
  total: '3884.5100',
  depositDue: '1000.0000',
  terms: 'Artwork is printed as approved. Colours may differ from screen to garment.',
};
