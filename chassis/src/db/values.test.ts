import { test } from 'tap';
import { rowMaker } from './rows.js';
import { statement } from './statement.js';
import { toText, toTexts } from './values.js';

test('values as PostgreSQL text', async (t) => {
  t.equal(toText('x'), 'x');
  t.equal(toText(12.5), '12.5');
  t.equal(toText(12345678901234567890n), '12345678901234567890');
  t.equal(toText(true), 't');
  t.equal(toText(null), null);
  t.equal(toText(new Date(0)), '1970-01-01T00:00:00.000Z');
  t.equal(toText(Buffer.from([1, 255])), '\\x01ff');
  t.equal(toText({ a: 1 }), '{"a":1}');
  t.equal(toText(['a"b', 'c\\d', null, 'NULL', '']), '{"a\\"b","c\\\\d",NULL,"NULL",""}');
  t.equal(toText([1, true]), '{1,t}');
  t.equal(toText([{ a: [] }]), '[{"a":[]}]');
  t.throws(() => toTexts([undefined as unknown as null]), TypeError);
});

test('rows from text, parsed where it was asked for', async (t) => {
  const s = statement('unit.rows', 'select', { parse: { n: 'int', ok: 'bool', at: 'date', body: 'json' } });
  const toRow = rowMaker(s, ['id', 'n', 'ok', 'at', 'body']);
  t.same(toRow(['007', '42', 't', '2026-01-02 03:04:05.678+00', '{"a":1}']), {
    id: '007',
    n: 42,
    ok: true,
    at: new Date('2026-01-02T03:04:05.678Z'),
    body: { a: 1 },
  });
  t.same(toRow(['x', null, null, null, null]), { id: 'x', n: null, ok: null, at: null, body: null });
  t.throws(() => toRow(['x', '9007199254740993', null, null, null]), RangeError);
  t.same(rowMaker(statement('unit.one_column', 'x'), ['json'])(['{}']), { json: '{}' });
});
