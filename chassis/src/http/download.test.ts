import t from 'tap';
import { parseRange } from './download.js';

t.test('ranges of 10 bytes', async (t) => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-5', { start: 2, end: 5 }],
    ['bytes=2-', { start: 2, end: 9 }],
    ['bytes=2-99', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-99', { start: 0, end: 9 }],
    ['bytes=10-', null],
    ['bytes=99-100', null],
    ['bytes=-0', null],
    ['bytes=5-2', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes = 0-1', undefined],
    ['items=0-1', undefined],
    ['bytes=0-1x', undefined],
    [`bytes=${'9'.repeat(16)}-`, undefined],
  ];
  for (const [header, range] of cases) t.same(parseRange(header, 10), range, String(header));
});

t.test('nothing lies within an empty file', async (t) => {
  t.equal(parseRange('bytes=0-', 0), null);
  t.equal(parseRange('bytes=-1', 0), null);
});
