import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface PageServer {
  readonly port: number;
  /** What came with the last form. Cookies know no ports: a plane would have got the same. */
  readonly lastCookies: () => string;
  close(): Promise<void>;
}

/** A front end of its own at a port of its own: one page, and the SDK bundled into its script. */
export async function startPageServer(): Promise<PageServer> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('./browser-page.js', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  let lastCookies = '';
  const server = createServer((request, response) => {
    // Browsers fetch things of their own accord, an icon for one.
    if (request.method === 'POST') lastCookies = request.headers.cookie ?? '';
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(
      isScript ? script : '<!doctype html><title>Page</title><script type="module" src="/page.js"></script>',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page has no port');
  return {
    port: address.port,
    lastCookies: () => lastCookies,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
