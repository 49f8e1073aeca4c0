import t from 'tap';
import { amountOf, countOf, sumOf } from './amounts.js';
import { momentOf } from './dates.js';

t.test('an amount is what the number says, to four decimals, half up', async (t) => {
  const cases: readonly [text: string, amount: string][] = [
    ['0', '0.0000'],
    ['-0.0', '0.0000'],
    ['22.5', '22.5000'],
    ['22.0625', '22.0625'],
    ['10.200000000000001', '10.2000'],
    ['10.199999999999999', '10.2000'],
    ['0.30000000000000004', '0.3000'],
    ['1.00005', '1.0001'],
    ['1.00004999999999999999999999999', '1.0000'],
    ['-1.00005', '-1.0001'],
    ['1e3', '1000.0000'],
    ['1.5E+3', '1500.0000'],
    ['12345e-4', '1.2345'],
    ['5e-5', '0.0001'],
    ['4e-5', '0.0000'],
    ['-4e-5', '0.0000'],
    ['1e-300', '0.0000'],
    ['9007199254740993.0', ''],
    ['99999999999999.9999', '99999999999999.9999'],
    ['90071992547409.93', '90071992547409.9300'],
  ];
  for (const [text, amount] of cases) {
    if (amount === '') t.throws(() => amountOf(text), RangeError, text);
    else t.equal(amountOf(text), amount, text);
  }
  for (const text of ['1e14', '1e300', '-1e999', '99999999999999.99999'])
    t.throws(() => amountOf(text), RangeError, text);
  t.equal(sumOf('0.1', '0.2'), '0.3000');
  t.equal(sumOf('10.200000000000001', '0'), '10.2000');
});

t.test('a count is whole', async (t) => {
  t.equal(countOf('12'), 12);
  t.equal(countOf('12.0'), 12);
  t.equal(countOf('-3'), -3);
  for (const text of ['1.5', '1e12', '0.1']) t.throws(() => countOf(text), RangeError, text);
});

t.test('dates come with a zone and without, and some are none', async (t) => {
  const cases: readonly [text: string | null, moment: string | null][] = [
    ['2016-02-01T00:00:00', '2016-02-01T00:00:00.000Z'],
    ['2024-10-09T02:24:39.000+00:00', '2024-10-09T02:24:39.000Z'],
    ['2024-10-09T02:24:39.5-05:00', '2024-10-09T07:24:39.500Z'],
    ['2024-10-09T02:24:39+1000', '2024-10-08T16:24:39.000Z'],
    ['2024-10-09 02:24:39', '2024-10-09T02:24:39.000Z'],
    ['2024-10-09 02:24:39 +02:00', '2024-10-09T00:24:39.000Z'],
    ['2024-10-09', '2024-10-09T00:00:00.000Z'],
    ['2024-10-09T02:24:39.123456789Z', '2024-10-09T02:24:39.123Z'],
    ['0000-00-00 00:00:00', null],
    ['0000-00-00', null],
    ['2024-13-01T00:00:00', null],
    ['09/10/2024', null],
    ['soon', null],
    ['', null],
    [null, null],
  ];
  for (const [text, moment] of cases) t.equal(momentOf(text), moment, String(text));
});
