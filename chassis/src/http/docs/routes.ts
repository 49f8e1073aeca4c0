import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { securityHeaders } from '../headers.js';
import { docsPage, docsPolicy, docsStyle, fingerprint } from './page.js';

export type Site = 'tenant' | 'platform';

export interface DocumentOptions {
  /** `/openapi/<name>.json`, `/docs/<name>`. */
  readonly name: string;
  readonly title: string;
  readonly production: boolean;
  /** What the request's host is; throws for one that is nobody's. */
  readonly siteOf: (request: FastifyRequest) => Site;
  readonly document: (site: Site) => object;
}

/**
 * The plane's OpenAPI document, and a page to read it and to try its endpoints from. Neither needs a session or a
 * correlation id. Nothing of it is loaded before somebody asks for it.
 */
export function addDocumentRoutes(app: FastifyInstance, options: DocumentOptions): void {
  const { name, title, siteOf, document } = options;
  const headers = securityHeaders(options.production);
  const texts = new Map<Site, string>();
  app.get(`/openapi/${name}.json`, (request, reply) => {
    const site = siteOf(request);
    const text = texts.get(site) ?? JSON.stringify(document(site));
    texts.set(site, text);
    return send(reply, 'application/json', 'public, max-age=300').send(text);
  });

  let assets: Assets | undefined;
  const loaded = () => (assets ??= openAssets());
  const base = () => `/docs/${name}/assets/${loaded().version}`;
  app.get(`/docs/${name}`, (request, reply) => {
    siteOf(request);
    return send(reply, 'text/html; charset=utf-8', 'no-cache')
      .header('content-security-policy', docsPolicy)
      .header('referrer-policy', 'no-referrer')
      .send(docsPage(title, base()));
  });
  app.get<{ Params: { version: string; file: string } }>(`/docs/${name}/assets/:version/:file`, (request, reply) => {
    siteOf(request);
    const asset = loaded().files.get(request.params.file);
    if (asset === undefined || request.params.version !== loaded().version) return reply.callNotFound();
    return send(reply, asset.type, 'public, max-age=31536000, immutable').send(asset.read());
  });

  function send(reply: FastifyReply, type: string, cacheControl: string): FastifyReply {
    return reply.headers({ ...headers, 'cache-control': cacheControl }).type(type);
  }
}

interface Asset {
  readonly type: string;
  readonly read: () => NodeJS.ReadableStream | string;
}

interface Assets {
  /** Part of their addresses, which may then be cached for good. */
  readonly version: string;
  readonly files: ReadonlyMap<string, Asset>;
}

/** A list, not a folder: no name in a request ever becomes a path. */
function openAssets(): Assets {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('swagger-ui-dist/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const viewer = readFileSync(fileURLToPath(new URL('./viewer.js', import.meta.url)), 'utf8');
  const library = (file: string, type: string): Asset => {
    const place = path.join(path.dirname(manifest), file);
    return { type, read: () => createReadStream(place) };
  };
  const script = 'text/javascript; charset=utf-8';
  const style = 'text/css; charset=utf-8';
  return {
    version: fingerprint(version, viewer, docsStyle),
    files: new Map([
      ['swagger-ui-bundle.js', library('swagger-ui-bundle.js', script)],
      ['swagger-ui.css', library('swagger-ui.css', style)],
      ['favicon.png', library('favicon-32x32.png', 'image/png')],
      ['viewer.js', { type: script, read: () => viewer }],
      ['viewer.css', { type: style, read: () => docsStyle }],
    ]),
  };
}
