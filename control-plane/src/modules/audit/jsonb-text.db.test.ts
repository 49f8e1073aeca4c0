import { statement } from '@platen/chassis/db/statement';
import { systemDatabase } from '@platen/chassis/db/system-database';
import { testDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import fc from 'fast-check';
import t from 'tap';
import { readMembers, toJsonbText } from './jsonb-text.js';

const awkward = [
  '0',
  '-0',
  '0.0',
  '-0.00',
  '1',
  '-1',
  '1.0',
  '1.50',
  '100',
  '1e2',
  '1E+2',
  '1.5e3',
  '1.50e1',
  '100e-1',
  '0e5',
  '0.000e2',
  '1e-7',
  '1.230e-5',
  '12345e-2',
  '12345e-7',
  '5e-324',
  '1.7976931348623157e308',
  '9007199254740993',
  '0.1e1',
  '1e-0',
  '123456789012345678901234567890.123456789012345678901234567890',
  '-12e-5',
  '-1.0e3',
  '0.00001e3',
  '10e-1',
  'true',
  'false',
  'null',
  '[]',
  '{}',
  '[ ]',
  '{ }',
  '[[],{}]',
  '""',
  '"a"',
  '"\\u0041"',
  '"\\/"',
  '"/"',
  '"\\b\\f\\n\\r\\t"',
  '"\\u0001\\u001f\\u007f\\u0080\\u2028"',
  '"\\"\\\\"',
  '"käse 🧀 \\ud83e\\uddc0"',
  '"<script>&amp;</script>"',
  '{"b":1,"a":2}',
  '{"aa":1,"b":2,"":3}',
  '{"ä":1,"zz":2,"z":3}',
  '{"a":1,"a":2}',
  '{"a":1,"b":2,"a":{"x":1}}',
  '{"__proto__":1,"constructor":{"prototype":2},"toString":null}',
  '{"10":1,"9":2,"1":3}',
  ' { "a" : [ 1 , 2 , { "c" : null } ] } ',
  '{"\\u0061":1,"a":2}',
  '{"🧀":1,"ﬀ":2,"éé":3}',
  '[1,[2,[3,[4,[5]]]]]',
  '{"k e y":"v a l","k\\ne":"\\u0000x"}'.replace('\\u0000', ''),
];

t.test('the text is what PostgreSQL makes of the same JSON', async (t) => {
  const database = await testDatabase(t, 'control');
  const db = systemDatabase({ ...patient, name: 'jsonb', url: database.platformUrl, poolSize: 2 });
  t.teardown(() => db.close());
  const cast = statement<{ texts: string[] }>(
    'test_jsonb_texts',
    `select json_agg(json::jsonb::text order by n) as texts from unnest($1::text[]) with ordinality given(json, n)`,
    { parse: { texts: 'json' } },
  );
  const ofPostgres = async (jsons: readonly string[]) => (await db.query(cast, [jsons]))[0]?.texts ?? [];
  const expected = await ofPostgres(awkward);
  for (const [index, json] of awkward.entries()) {
    const text = toJsonbText(json);
    t.equal(text, expected[index], json);
    t.equal(toJsonbText(text), text, 'and again');
  }

  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.bigInt({ min: 0n, max: 10n ** 25n }),
      fc.option(fc.array(fc.nat(9), { minLength: 1, maxLength: 25 }), { nil: null }),
      fc.option(fc.integer({ min: -40, max: 40 }), { nil: null }),
    )
    .map(([sign, whole, places, power]) =>
      [sign, whole, places && `.${places.join('')}`, power !== null && `e${power}`]
        .filter((part) => part !== null && part !== false)
        .join(''),
    );
  const document = fc.oneof(
    number,
    fc.json({ maxDepth: 4 }),
    fc.array(number).map((list) => `[${list.join(',')}]`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(document, { minLength: 20, maxLength: 20 }), async (jsons) => {
      // No text of PostgreSQL has a zero character or half a surrogate pair, so neither has a jsonb.
      const storable = jsons.filter((json) => !/\\u0000|\\ud[89a-f]/i.test(json));
      const texts = await ofPostgres(storable);
      storable.forEach((json, index) => {
        if (toJsonbText(json) !== texts[index]) throw new Error(`${json}: ${toJsonbText(json)}, not ${texts[index]}`);
      });
    }),
    { numRuns: 100 },
  );
});

t.test('what is no JSON is refused', async (t) => {
  for (const text of [
    '',
    ' ',
    '{',
    '[',
    '{"a"}',
    '{"a":}',
    '[1,]',
    '{"a":1,}',
    '01',
    '+1',
    '.5',
    '1.',
    "'a'",
    '"a',
    'nul',
    '1 2',
    '"\n"',
    'NaN',
    '1e99999',
    '{a:1}',
  ]) {
    t.throws(() => toJsonbText(text), SyntaxError, text);
  }
  t.throws(() => toJsonbText('['.repeat(100_000)), SyntaxError, 'too deep');
  t.same(
    [...readMembers('{"b":[1, 2],"a":1.0}')],
    [
      ['b', '[1, 2]'],
      ['a', '1.0'],
    ],
  );
  t.throws(() => readMembers('[]'), SyntaxError);
});
