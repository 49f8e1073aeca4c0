import t from 'tap';
import { Type } from 'typebox';
import { createChecker, createCleaner } from './checker.js';

const closed = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    items: Type.Array(Type.Object({ n: Type.Integer() }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);
const id = '0190e8a0-0000-7000-8000-000000000001';

t.test('says what is wrong and where, and nothing is coerced', async (t) => {
  const checker = createChecker(closed);
  t.ok(checker.check({ id, items: [{ n: 1 }] }));
  t.equal(checker.describe({ id, items: [] }), '');
  t.notOk(checker.check({ id, items: [{ n: '1' }] }));
  t.match(checker.describe({ id, items: [{ n: '1' }] }), /^\/items\/0\/n: must be integer/);
  t.match(checker.describe({ id: 'x', items: [] }), /^\/id: /);
  t.match(checker.describe({ id, items: [], more: 1 }), /additional/);
});

t.test('a copy without what a closed object does not know', async (t) => {
  const given = { id, items: [{ n: 1, later: true }], more: {} };
  t.same(createCleaner(closed)(given), { id, items: [{ n: 1 }] });
  t.same(given.more, {}, 'the original stays');
});
