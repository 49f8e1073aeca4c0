import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { shareNext } from './shared-parts.js';

/** Reads under way, to be driven by hand. */
function drivenReads() {
  const reads: { add: (part: readonly string[]) => void; end: () => void; fail: (error: Error) => void }[] = [];
  const ask = shareNext((add) => new Promise((resolve, reject) => reads.push({ add, end: resolve, fail: reject })));
  return { reads, ask };
}

async function linesOf(parts: Promise<AsyncIterable<readonly string[]>>): Promise<string[]> {
  const lines = [];
  for await (const part of await parts) lines.push(...part);
  return lines;
}

t.test('who asks together reads together, and nobody gets what was read before they asked', async (t) => {
  const { reads, ask } = drivenReads();
  const first = linesOf(ask());
  await turn();
  const [second, third] = [linesOf(ask()), linesOf(ask())];
  await turn();
  t.equal(reads.length, 1, 'one at a time');
  reads[0]?.add(['a']);
  reads[0]?.add(['b', 'c']);
  reads[0]?.end();
  t.same(await first, ['a', 'b', 'c']);
  await turn();
  reads[1]?.add(['d']);
  reads[1]?.end();
  t.same(await Promise.all([second, third]), [['d'], ['d']]);
  t.equal(reads.length, 2);
});

t.test('a part is there before the next is read', async (t) => {
  const { reads, ask } = drivenReads();
  const parts = (await ask())[Symbol.asyncIterator]();
  const part = parts.next();
  reads[0]?.add(['a']);
  t.same((await part).value, ['a']);
});

t.test('a read that fails fails its readers, and not the next', async (t) => {
  const { reads, ask } = drivenReads();
  const first = linesOf(ask());
  await turn();
  const second = linesOf(ask());
  reads[0]?.add(['a']);
  reads[0]?.fail(new Error('away'));
  await t.rejects(first, /away/);
  await turn();
  reads[1]?.end();
  t.same(await second, []);
});
