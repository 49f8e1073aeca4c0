import t from 'tap';
import { boardJson } from './board-json.js';

const [placeEnd, partEnd, rowEnd, columnEnd] = ['\u001c', '\u001d', '\u001e', '\u001f'] as const;
const stage = (id: string) => ({
  id,
  code: id,
  name: id,
  position: 10,
  wip_limit: null,
  wip_policy: 'warn' as const,
  requires_artwork: false,
  version: 1,
});
const columns = (id: string, line: string, rank: string, dueOn: string, reprintOf = '') =>
  [id, `N-${id}`, 'o1', line, rank, 'normal', dueOn, '12.0000', '3.0000', '0.0000', reprintOf, '2'].join(columnEnd);

t.test(
  'a card has what its line lacks in all sizes, begun pieces counted whole; a reprint lacks nothing',
  async (t) => {
    const text = boardJson(
      {
        position: '7',
        stages: [stage('s1'), stage('s2'), stage('s3')],
        jobs: [
          ['s2', 'w1', [columns('j2', 'l2', 'b', 'infinity'), columns('j1', 'l1', 'a', '2026-04-01')].join(columnEnd)],
          ['s2', '', columns('j3', 'l1', 'Z', 'infinity', 'j1')],
          ['s1', 'w1', columns('j4', 'l3', 'a', 'infinity')],
        ]
          .map((place) => place.join(partEnd))
          .join(placeEnd),
        machines: ['j1', '{"device_id":"d1"}'].join(columnEnd),
        orders: ['o1', 'B "1"', 'c1'].join(columnEnd),
        lines: ['p1', 'd1', 'l1', 'l3'].join(columnEnd) + rowEnd + ['p1', '', 'l2'].join(columnEnd),
        artwork: ['approved', 'j1', 'j2'].join(columnEnd) + rowEnd + ['changed', 'j2'].join(columnEnd),
        shorts: ['0.5000', 'l1', 'l1', 'l2'].join(columnEnd) + rowEnd + ['1.2500', 'l1'].join(columnEnd),
        customers: [{ id: 'c1', name: 'Ünal' }],
        products: [{ id: 'p1', code: 'tee', name: 'Tee' }],
        designs: [{ id: 'd1', code: 'crest', name: 'Crest', thumbnail_file_id: null }],
      },
      true,
      'hidden',
    );
    const { stages, position } = JSON.parse(text);
    t.equal(position, 'hidden');
    const cards = stages.map(({ cards }: { cards: Record<string, unknown>[] }) => cards);
    t.strictSame(
      cards.map((of: { id: string }[]) => of.map(({ id }) => id)),
      [['j4'], ['j3', 'j1', 'j2'], []],
    );
    t.strictSame(
      stages.map(({ count }: { count: number }) => count),
      [1, 3, 0],
    );
    const [reprint, first, second] = cards[1];
    t.match(first, {
      number: 'N-j1',
      order_number: 'B "1"',
      customer_name: 'Ünal',
      due_on: '2026-04-01',
      quantity: 12,
    });
    t.match(first, {
      blanks: { state: 'short', short: 3 },
      artwork: 'approved',
      design: { id: 'd1' },
      workspace_id: 'w1',
      machine: { device_id: 'd1' },
    });
    t.match(second, {
      machine: null,
      blanks: { state: 'short', short: 1 },
      artwork: 'changed',
      design: null,
      due_on: null,
    });
    t.match(reprint, { blanks: { state: 'there', short: 0 }, artwork: 'none', reprint_of: 'j1', workspace_id: null });
  },
);
