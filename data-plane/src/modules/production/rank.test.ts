import { createHash } from 'node:crypto';
import t from 'tap';
import { v7 } from 'uuid';
import { rankBetween, ranksAfter, tagOf } from './rank.js';

const workspace = '01930000-0000-7000-8000-000000000001';

t.test('between two neighbours there is always a rank, with a tag or without', async (t) => {
  for (const scope of [null, workspace]) {
    const ranks: string[] = [];
    // The same gap over and over, then wherever the number says.
    for (let n = 0; n < 600; n += 1) {
      const at = n < 300 ? Math.min(1, ranks.length) : (n * 7919) % (ranks.length + 1);
      const rank = rankBetween(ranks[at - 1] ?? null, ranks[at] ?? null, tagOf(scope, v7()));
      ranks.splice(at, 0, rank);
    }
    t.same(ranks, [...new Set(ranks)].sort(byByte), 'in order, each once');
    if (scope !== null) t.notMatch(ranks.join(' '), /0( |$)/, 'no tag ends with a zero');
    t.comment(
      `measured: longest rank after 300 moves into one gap: ${Math.max(...ranks.map((r) => r.length))} characters`,
    );
  }
});

t.test('new ranks come behind the last', async (t) => {
  const last = rankBetween('a5', 'a6', tagOf(workspace, v7()));
  const ranks = [last, ...ranksAfter(last, 100, tagOf(workspace, v7()))];
  t.same(ranks, [...new Set(ranks)].sort(byByte));
});

t.test('two who do not see each other do not meet', async (t) => {
  // In the same millisecond, and by chance that is the same in every run: of 36 bits, two could be equal one day.
  const freshId = (n: number) => v7({ msecs: 0, random: createHash('sha256').update(String(n)).digest() });
  const tags = Array.from({ length: 1_000 }, (_, n) => tagOf(workspace, freshId(n)));
  t.ok(tags.every((tag) => /^[0-9A-Za-z]{5}[1-9A-Za-z]$/.test(tag)));
  t.equal(tagOf(null, v7()), '');
  t.equal(new Set(tags).size, tags.length);
});

const byByte = (a: string, b: string): number => (a < b ? -1 : 1);
