import t from 'tap';
import { formatExact, parseExact, zero } from './exact.js';
import { computeTax } from './tax.js';

const taxOf = (
  taxRounding: 'line' | 'document',
  rates: Readonly<Record<string, string>>,
  lines: readonly (readonly [taxClass: string, total: string])[],
) => {
  const taxRates = new Map(Object.entries(rates));
  const amounts = lines.map(([taxClass, total]) => ({ taxClass, total: parseExact(total), discount: zero }));
  const { tax, shares } = computeTax(amounts, { taxRounding, taxRates }, false, 2);
  return { tax: formatExact(tax), shares };
};

t.test('classes of one rate are one group of the breakdown', async (t) => {
  const rates = { standard: '19', apparel: '19.00', reduced: '7' };
  const lines = [
    ['standard', '0.13'],
    ['apparel', '0.13'],
    ['reduced', '1.00'],
  ] as const;
  // 19 % of 0.26 is 0.0494; of 0.13 alone it is 0.0247.
  t.same(taxOf('document', rates, lines), {
    tax: '0.1200',
    shares: [
      { taxClass: 'apparel/standard', percent: '19', taxable: '0.2600', tax: '0.0500' },
      { taxClass: 'reduced', percent: '7', taxable: '1.0000', tax: '0.0700' },
    ],
  });
  t.equal(taxOf('line', rates, lines).tax, '0.1100', 'rounded by line: 0.02 + 0.02 + 0.07');
});

t.test('at zero per cent each class says why', async (t) => {
  const { tax, shares } = taxOf('document', { export: '0', zero: '0.0000' }, [
    ['zero', '5'],
    ['export', '7'],
  ]);
  t.equal(tax, '0.0000');
  t.match(shares, [
    { taxClass: 'export', taxable: '7.0000' },
    { taxClass: 'zero', taxable: '5.0000' },
  ]);
});
