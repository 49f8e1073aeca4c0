import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * What the client costs a browser: bundled, minified, compressed. The limit is for the core of either entry; the tables
 * grow with the API.
 */
const gzipLimitBytes = 4_096;
const tables = ['./generated/*'];
/** Loaded with the first call that sends or gets a file, and with the first stream of events. */
const later = ['./streams.js', './events.js'];
/** What they share with the core. */
const core = ['./call-once.js', './routes.js', './errors.js', './deadline.js'];

async function bundle(entry: string, minify: boolean, external: string[]) {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../${entry}.js`, import.meta.url))],
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

/** Prints one line and answers the compressed size. */
async function measure(what: string, entry: string, external: string[] = []): Promise<number> {
  const [plain, minified] = await Promise.all([bundle(entry, false, external), bundle(entry, true, external)]);
  const gzipBytes = gzipSync(minified.bytes, { level: 9 }).length;
  console.log(`@platen/sdk ${what}: ${plain.bytes.length} B, minified ${minified.bytes.length} B, gzip ${gzipBytes} B`);
  const foreign = minified.inputs.filter((file) => !file.includes('sdk/dist/') && !file.startsWith('dist/'));
  if (foreign.length > 0) fail(`It must hold code of the SDK only, and holds ${foreign.join(', ')}`);
  return gzipBytes;
}

function fail(line: string): void {
  console.log(line);
  process.exitCode = 1;
}

const cores = [
  await measure('core', 'index', [...tables, ...later]),
  await measure('core of the platform’s client', 'platform', [...tables, ...later]),
];
await measure('core and table of the tenants’ endpoints', 'index', later);
await measure('code for files, loaded when it is needed', 'streams', core);
await measure('code for streams of events, loaded when it is needed', 'events', core);
await measure('table of the platform’s endpoints', 'generated/platform-routes');
if (Math.max(...cores) > gzipLimitBytes) fail(`A core is more than the ${gzipLimitBytes} B it may be`);
