import { readFileSync } from 'node:fs';
import t from 'tap';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
// What the pages show of the client, all of it. README.md's lines are run by sdk/test/e2e/docs.test.ts.
const page = ['docs/sdk.md', 'docs/jobs.md', 'docs/exports.md', 'sdk/README.md'].map(read).join('\n');
const source = read('sdk/examples/guide.ts');

/** A region's lines, without the indentation that they share. */
const regions = [...source.matchAll(/^ {2}\/\/ #region [\w-]+\n([\s\S]*?)^ {2}\/\/ #endregion/gm)].map(
  ([, text = '']) => text.replaceAll(/^ {2}/gm, '').trim(),
);
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, text = '']) =>
  text.replaceAll(/^import .*\n/gm, '').trim(),
);

t.test('the pages show what is compiled, and all of it', async (t) => {
  t.ok(regions.length > 8);
  for (const block of blocks) t.ok(regions.includes(block), block);
  for (const region of regions) t.ok(blocks.includes(region), region);
});
