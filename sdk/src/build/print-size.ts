import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What the client costs a browser: bundled, minified, compressed. The limit is for the core; the table grows with the API. */
const gzipLimitBytes = 4_096;
const entry = fileURLToPath(new URL('../index.js', import.meta.url));

async function bundle(minify: boolean, external: string[] = []) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external,
    metafile: true,
  });
  return { bytes: result.outputFiles[0]?.contents ?? new Uint8Array(), inputs: Object.keys(result.metafile.inputs) };
}

const print = (what: string, plain: Uint8Array, minified: Uint8Array) => {
  const gzipBytes = gzipSync(minified, { level: 9 }).length;
  console.log(`@platen/sdk ${what}: ${plain.length} B, minified ${minified.length} B, gzip ${gzipBytes} B`);
  return gzipBytes;
};
const table = ['./generated/*'];
const [plain, minified, plainCore, minifiedCore] = await Promise.all([
  bundle(false),
  bundle(true),
  bundle(false, table),
  bundle(true, table),
]);
const gzipBytes = print('core', plainCore.bytes, minifiedCore.bytes);
print('core and table of endpoints', plain.bytes, minified.bytes);

const foreign = minified.inputs.filter((file) => !file.includes('sdk/dist/') && !file.startsWith('dist/'));
if (foreign.length > 0) {
  console.log(`It must hold code of the SDK only, and holds ${foreign.join(', ')}`);
  process.exitCode = 1;
}
if (gzipBytes > gzipLimitBytes) {
  console.log(`More than the ${gzipLimitBytes} B it may be`);
  process.exitCode = 1;
}
