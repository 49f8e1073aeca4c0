import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t from 'tap';

const bundle = async (entry: string, platform: 'browser' | 'node') => {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform,
    metafile: true,
    logLevel: 'silent',
  });
  return { inputs: Object.keys(result.metafile.inputs), text: result.outputFiles[0]?.text ?? '' };
};

t.test('the core bundles for a browser: no module of Node, no other package', async (t) => {
  const { inputs, text } = await bundle('./index.js', 'browser');
  t.same(
    inputs.filter((file) => !/^(sdk\/)?dist\/[\w./-]+$/.test(file)),
    [],
  );
  t.match(text, '/api/erp/quotes/:id/send');
  t.notMatch(text, /typebox|additionalProperties|node:/i);
});

t.test('the platform’s client is an entry of its own: pages of tenants carry nothing of it', async (t) => {
  const [core, platform] = await Promise.all([bundle('./index.js', 'browser'), bundle('./platform.js', 'browser')]);
  t.notMatch(core.text, '/platform/');
  t.match(platform.text, '/platform/tenants/:id/suspend');
  t.notMatch(platform.text, /\/api\/erp|typebox|additionalProperties|node:/i);
});

t.test('no schema code at run time in Node either', async (t) => {
  for (const entry of ['./node.js', './internal.js']) {
    const { inputs, text } = await bundle(entry, 'node');
    const packages = new Set(inputs.flatMap((file) => file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []));
    t.same([...packages].sort(), entry === './node.js' ? ['tldts', 'tough-cookie'] : []);
    t.same(
      inputs.filter((file) => /schema|typebox/.test(file)),
      [],
    );
    t.notMatch(text, /additionalProperties/);
  }
});
