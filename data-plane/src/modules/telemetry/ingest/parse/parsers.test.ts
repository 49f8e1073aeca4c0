import { greatestValue } from '@platen/schema/states/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { parseRfc3339, readInstant } from './instant.js';
import { lineProtocolParser, type Precision } from './line-protocol.js';
import type { BodyParser, Parsed } from './parsed.js';
import { jsonParser, ndjsonParser } from './read-json.js';
import { maxLineBytes } from './split-lines.js';

const parse = (parser: BodyParser, ...pieces: (string | Buffer)[]): Parsed => {
  for (const piece of pieces) parser.push(Buffer.from(piece));
  const { readings, refused } = parser.end();
  return { readings, refused };
};
const lines = (text: string, precision: Precision = 'ns') => parse(lineProtocolParser(precision), text);
const told = ({ refused }: Parsed) => refused.map(({ line, reason, metric }) => [line, reason, metric]);

t.test('times: RFC 3339 or epoch milliseconds, and nothing that merely looks so', async (t) => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date('0100-01-01'), max: new Date('9999-12-31') }), (date) => {
      t.equal(parseRfc3339(date.toISOString()), date.getTime());
    }),
    { numRuns: 200 },
  );
  const at = Date.UTC(2026, 2, 1, 9, 30);
  for (const [text, ms] of [
    ['2026-03-01T09:30:00Z', at],
    ['2026-03-01t09:30:00.1z', at + 100],
    ['2026-03-01 11:30:00.123999+02:00', at + 123],
    ['2026-02-28T23:00:00-10:30', at],
    ['2024-02-29T00:00:60Z', Date.UTC(2024, 1, 29, 0, 1)],
  ] as const)
    t.equal(readInstant(text), ms, text);
  for (const text of [
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T09:30:00',
    '2026-03-01T09:30:00.Z',
    '2026-03-01T09:30:00Zx',
    '2026-03-01',
    '1772357400000',
    '',
  ])
    t.ok(Number.isNaN(readInstant(text)), text);
  t.equal(readInstant(1772357400000.9), 1772357400000);
  for (const given of [null, true, {}, Number.NaN, 9e15, -9e15]) t.ok(Number.isNaN(readInstant(given)));
});

t.test('JSON: what is no list of readings is refused whole, a reading alone', async (t) => {
  const good = { device: 'press-1', metric: 'pieces', ts: '2026-03-01T09:30:00.000Z', value: 12 };
  const body = JSON.stringify({
    readings: [good, { ...good, unit: 'x' }, { ...good, value: '12' }, 7, { metric: 'on', value: true }],
  });
  const parsed = parse(jsonParser(), body.slice(0, 30), body.slice(30));
  t.same(parsed.readings, [
    { line: 1, device: 'press-1', metric: 'pieces', tsMs: Date.parse(good.ts), value: 12 },
    { line: 5, device: null, metric: 'on', tsMs: null, value: 1 },
  ]);
  t.same(told(parsed), [
    [2, 'malformed', null],
    [3, 'malformed', 'pieces'],
    [4, 'malformed', null],
  ]);
  t.same(told(parse(jsonParser(), '{"readings":[{"device":"a","metric":"b","value":1e999}]}')), [
    [1, 'not_finite', 'b'],
  ]);
  for (const text of ['', '{', '{"readings":[}', '\u0000'])
    t.throws(() => parse(jsonParser(), text), { code: 'malformed_body' }, text);
  t.throws(() => parse(jsonParser(), Buffer.from([0x22, 0xff, 0x22])), { code: 'malformed_body' });
  for (const text of ['[]', 'null', '7', '{}', '{"readings":{}}', '{"readings":[],"more":1}'])
    t.throws(() => parse(jsonParser(), text), { code: 'validation_failed' }, text);
  const many = JSON.stringify({ readings: Array.from({ length: 10_001 }, () => good) });
  t.throws(() => parse(jsonParser(), many), { code: 'body_too_large' });
});

t.test('a prototype is no field, and makes none', async (t) => {
  const body =
    '{"readings":[{"__proto__":{"value":1},"device":"a","metric":"b"},{"constructor":1,"metric":"b","value":1}]}';
  t.same(told(parse(jsonParser(), body)), [
    [1, 'malformed', null],
    [2, 'malformed', null],
  ]);
});

t.test('lines: counted, of whatever ends and pieces, none longer than it may be', async (t) => {
  const line = (metric: string) => JSON.stringify({ device: 'a', metric, value: 1 });
  const long = `{"device":"${'x'.repeat(maxLineBytes)}"}`;
  const text = ['', line('é'), 'no json', line('€'), '  ', long, line('😀')].join('\r\n');
  const expected = {
    readings: [
      [2, 'é'],
      [4, '€'],
      [7, '😀'],
    ],
    refused: [
      [3, 'malformed', null],
      [6, 'malformed', null],
    ],
  };
  const bytes = Buffer.from(text);
  const seen = (parsed: Parsed) => ({
    readings: parsed.readings.map(({ line: number, metric }) => [number, metric]),
    refused: told(parsed),
  });
  t.same(seen(parse(ndjsonParser(), text)), expected);
  t.same(seen(parse(ndjsonParser(), `${text}\n`)), expected, 'the last one may have an end');
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, n) => bytes.subarray(places[n], end));
      t.same(seen(parse(ndjsonParser(), ...pieces)), expected);
    }),
    { numRuns: 30 },
  );
  t.throws(() => parse(ndjsonParser(), `${line('m')}\n`.repeat(10_001)), { code: 'body_too_large' });
});

t.test('line protocol: fields are metrics of their own, tags are read over', async (t) => {
  const parsed = lines('press-1,hall=2,shift=a pieces=1200i,temperature=181.5,on=t 1772357400000000000');
  t.same(
    parsed.readings.map(({ device, metric, tsMs, value }) => [device, metric, tsMs, value]),
    [
      ['press-1', 'pieces', 1772357400000, 1200],
      ['press-1', 'temperature', 1772357400000, 181.5],
      ['press-1', 'on', 1772357400000, 1],
    ],
  );
  t.same(told(lines('# a comment\n\npress-1 a=1,b="no, it = is text",c=nan,d=1e999,e=2u,f=0x1,g=-.5e-1')), [
    [3, 'malformed', 'b'],
    [3, 'not_finite', 'c'],
    [3, 'not_finite', 'd'],
    [3, 'malformed', 'f'],
  ]);
  for (const [precision, digits] of [
    ['ns', '1772357400123999999'],
    ['us', '1772357400123999'],
    ['ms', '1772357400123'],
    ['s', '1772357400'],
  ] as const)
    t.equal(lines(`a b=1 ${digits}`, precision).readings[0]?.tsMs, precision === 's' ? 1772357400000 : 1772357400123);
  t.equal(lines('a b=1').readings[0]?.tsMs, null);
  for (const text of [
    'a',
    'a ',
    ' =1',
    ',t=1 a=1',
    'a b',
    'a b=',
    'a =1',
    'a b=1,',
    'a,t b=1',
    'a,t= b=1',
    'a,=x b=1',
    'a b=1 x',
    'a b=1 1.5',
    'a b=1 1 2',
    'a b="x',
  ])
    t.same(
      lines(text).refused.map(({ reason }) => reason),
      ['malformed'],
      text,
    );
});

t.test('what a writer escapes is read as it was', async (t) => {
  const name = fc.string({ unit: fc.constantFrom(...'aZ0é-_. ,='), minLength: 1, maxLength: 20 });
  const escaped = (text: string, characters: RegExp) => text.replaceAll(characters, '\\$&');
  fc.assert(
    fc.property(
      name,
      name,
      name,
      fc.double({ min: -greatestValue, max: greatestValue, noNaN: true }),
      (device, tag, metric, value) => {
        // A line that begins with spaces is read without them, one with # is none.
        fc.pre(device.trim() === device);
        const line = `${escaped(device, /[, ]/g)},${escaped(tag, /[,= ]/g)}=${escaped(tag, /[,= ]/g)} ${escaped(metric, /[,= ]/g)}=${value} 1`;
        const { readings, refused } = lines(line, 'ms');
        t.same(refused, [], line);
        t.same(readings, [{ line: 1, device, metric, tsMs: 1, value }], line);
      },
    ),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab1 ,=\\"#tn\n\r.i-'), maxLength: 60 }), (text) => {
      const { readings, refused } = lines(text);
      t.ok(readings.every(({ value, device, metric }) => Number.isFinite(value) && device !== '' && metric !== ''));
      t.ok(readings.length + refused.length <= text.length, 'whatever comes, it ends');
    }),
    { numRuns: 500 },
  );
});

t.test('lines that are made to be slow are read in a time that grows as they do', async (t) => {
  const long = maxLineBytes - 100;
  for (const field of [
    `a=${'1'.repeat(long)}x`,
    `a=1.${'1'.repeat(long)}x`,
    `a=1e${'1'.repeat(long)}x`,
    `a=-${'1'.repeat(long)}ii`,
    `a="${'\\"'.repeat(long / 2)}`,
    `a${'\\'.repeat(long)}=`,
    `a=${'nan'.repeat(long / 3)}`,
  ]) {
    // With steps that grow with the square this would be minutes.
    const parsed = lines(`press-1 ${field}\n`.repeat(64));
    t.equal(parsed.readings.length, 0);
    t.equal(parsed.refused.length, 64, field.slice(0, 10));
  }
});

t.test('a refusal names what is wrong, in the words of whoever wrote it', async (t) => {
  const details = ({ refused }: Parsed) => refused.map(({ detail }) => detail ?? '');
  const json = [
    ['7', /object/],
    ['{"metric":"a","value":1,"vlaue":2}', /^"vlaue" is no field/],
    ['{"value":1}', /^metric is missing/],
    ['{"device":7,"metric":"a","value":1}', /^device is no text/],
    ['{"metric":"a"}', /^value is missing/],
    ['{"metric":"a","value":"12"}', /^value is no number/],
    ['{"metric":"a","value":1,"ts":"yesterday"}', /^ts is neither RFC 3339/],
  ] as const;
  t.match(details(parse(ndjsonParser(), json.map(([text]) => text).join('\n'))), [...json.map(([, said]) => said)]);
  const protocol = [
    [' b=1', /fields/],
    ['a', /fields/],
    [',t=1 b=1', /begins with no device/],
    ['a b="x"', /text/],
    ['a b=0x1', /value is no number/],
    ['a b=1 soon', /no time in ns/],
  ] as const;
  t.match(details(lines(protocol.map(([text]) => text).join('\n'))), [...protocol.map(([, said]) => said)]);
});
