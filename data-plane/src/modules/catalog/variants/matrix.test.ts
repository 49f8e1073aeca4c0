import { AppError } from '@platen/chassis/http/app-error';
import t from 'tap';
import { cellOf, missingCells, skusOf } from './matrix.js';

const options = [
  { name: 'colour', values: ['Royal Blue', 'Red'] },
  { name: 'size', values: ['S', '2XL'] },
];
const pathOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing was refused';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.fields.map(({ path, message }) => `${path} ${message}`).join('; ');
  }
};

t.test('what the matrix lacks, in the order of the options', async (t) => {
  const taken = new Set([cellOf({ size: 'S', colour: 'Red' })]);
  t.same(missingCells(options, {}, taken), {
    missing: [
      { colour: 'Royal Blue', size: 'S' },
      { colour: 'Royal Blue', size: '2XL' },
      { colour: 'Red', size: '2XL' },
    ],
    existing: 1,
  });
  t.same(missingCells(options, { colour: ['Red'] }, taken), { missing: [{ colour: 'Red', size: '2XL' }], existing: 1 });
  t.equal(
    pathOf(() => missingCells([], {}, new Set())),
    '/params/id the product declares no options',
  );
  t.match(
    pathOf(() => missingCells(options, { fit: ['slim'] }, new Set())),
    /^\/body\/only\/fit /,
  );
  t.match(
    pathOf(() => missingCells(options, { size: ['M'] }, new Set())),
    /"M" is none/,
  );
});

t.test('a matrix of eight options with 200 values each is refused before it is built', async (t) => {
  const values = Array.from({ length: 200 }, (_, index) => `${index}`);
  const huge = Array.from({ length: 8 }, (_, index) => ({ name: `o${index}`, values }));
  t.match(
    pathOf(() => missingCells(huge, {}, new Set())),
    /more than 500 variants/,
  );
});

t.test('SKUs from a pattern', async (t) => {
  const cells = [
    { colour: 'Royal Blue', size: 'S' },
    { colour: 'Red', size: '2XL' },
  ];
  t.same(skusOf('{code}-{colour}-{size}', 'g500', cells), ['g500-royal-blue-s', 'g500-red-2xl']);
  t.same(skusOf('X_{size}', 'g500', cells), ['x_s', 'x_2xl']);
  t.match(
    pathOf(() => skusOf('{code}', 'g500', cells)),
    /"g500" would be the SKU of Royal Blue \/ S and of Red \/ 2XL/,
  );
  t.match(
    pathOf(() => skusOf('{code}-{fit}', 'g500', cells)),
    /\{fit\} is no option/,
  );
  t.match(
    pathOf(() => skusOf('{', 'g500', cells)),
    /^\/body\/sku_pattern /,
  );
});

t.test('options may be called what every object has', async (t) => {
  const named = ['constructor', '__proto__'].map((name) => ({ name, values: ['a'] }));
  const { missing } = missingCells(named, {}, new Set());
  t.equal(cellOf(missing[0] ?? {}), '[["__proto__","a"],["constructor","a"]]');
  t.same(skusOf('{code}-{constructor}-{__proto__}', 'g500', missing), ['g500-a-a']);
  t.match(
    pathOf(() => skusOf('{code}-{toString}', 'g500', missing)),
    /^\/body\/sku_pattern /,
  );
});
