import fc from 'fast-check';
import t from 'tap';
import { type Fields, isSame, mergeFields } from './merge.js';
import { restorable } from './restore.js';

const names = ['a', 'b', 'c'] as const;
const value = fc.oneof(fc.constantFrom('1.0000', '2.0000', null), fc.constantFrom([{ x: 1 }], [{ x: 2 }]));
const side = fc.record({ a: value, b: value, c: value });
const groups = fc.constantFrom<string[][]>([], [['a', 'b']], [['a', 'b', 'c']]);
const rule = fc.constantFrom('site' as const, 'platen' as const, 'review' as const);
const all = (check: (...given: [Fields, Fields, Fields, string[][], 'site' | 'platen' | 'review']) => void) =>
  fc.assert(fc.property(side, side, side, groups, rule, check), { numRuns: 500 });

t.test('who alone changed it is right, whatever the rule', async () => {
  all((base, theirs, _, groups, rule) => {
    const onlyTheirs = mergeFields({ base, theirs, ours: base }, rule, groups);
    if (!isSame(onlyTheirs.result, theirs) || onlyTheirs.conflicts.length > 0) throw new Error('theirs is lost');
    const onlyOurs = mergeFields({ base, theirs: base, ours: theirs }, rule, groups);
    if (!isSame(onlyOurs.result, theirs) || onlyOurs.changed.length > 0) throw new Error('ours is lost');
  });
});

t.test('a value is one side’s, a group is one side’s as a whole, and the losing one is kept', async () => {
  all((base, theirs, ours, groups, rule) => {
    const { result, changed, conflicts, loser } = mergeFields({ base, theirs, ours }, rule, groups);
    for (const group of [...groups, ...names.map((name) => [name])]) {
      const isOf = (from: Fields) => group.every((name) => isSame(result[name], from[name]));
      if (!isOf(theirs) && !isOf(ours)) throw new Error(`${group} is nobody's`);
    }
    for (const name of names) {
      if (changed.includes(name) === isSame(result[name], ours[name])) throw new Error(`${name} is told wrongly`);
      if (!conflicts.includes(name) || isSame(theirs[name], ours[name])) continue;
      const lost = rule === 'site' ? ours[name] : theirs[name];
      if (!isSame(loser?.[name], lost)) throw new Error(`${name} is lost`);
      if (!isSame(result[name], rule === 'site' ? theirs[name] : ours[name]))
        throw new Error(`${name} is not the rule's`);
    }
  });
});

t.test('the same record a second time changes nothing; what waits goes on waiting', async () => {
  all((base, theirs, ours, groups, rule) => {
    const first = mergeFields({ base, theirs, ours }, rule, groups);
    const second = mergeFields({ base: first.base, theirs, ours: first.result }, rule, groups);
    if (second.changed.length > 0 || !isSame(second.result, first.result)) throw new Error('not idempotent');
    const isWaiting = rule === 'review' && first.conflicts.length > 0;
    if (isWaiting !== second.conflicts.length > 0) throw new Error('what waits is forgotten, or made up');
  });
});

t.test('without a base nobody has changed anything: ours stands, unless the rule is the site’s', async (t) => {
  const sides = { base: null, theirs: { a: 1, b: 2 }, ours: { a: 1, b: 3 } };
  for (const rule of ['review', 'platen'] as const) {
    t.match(mergeFields(sides, rule), { conflicts: [], changed: [], result: { a: 1, b: 3 }, loser: null });
    t.same(mergeFields(sides, rule).base, { a: 1, b: 2 }, 'from now on');
  }
  t.match(mergeFields(sides, 'site'), { conflicts: [], changed: ['b'], result: { a: 1, b: 2 } });
});

t.test('an undo puts back what is still as it was made, groups as a whole', async () => {
  all((before, after, ours, groups) => {
    const { fields, kept } = restorable({ before, after }, ours, groups);
    for (const name of names) {
      const isChanged = !isSame(before[name], after[name]);
      if (isChanged !== (name in fields || kept.includes(name))) throw new Error(`${name} is not told of`);
      if (name in fields && !isSame(ours[name], after[name])) throw new Error(`${name} was somebody's`);
    }
    for (const group of groups) {
      const back = group.filter((name) => name in fields);
      if (back.length > 0 && group.some((name) => kept.includes(name))) throw new Error(`${group} is torn apart`);
    }
  });
});
