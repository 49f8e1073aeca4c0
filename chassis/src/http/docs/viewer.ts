/** Runs in the browser, at the page of `page.ts`. */

interface ViewerRequest {
  readonly method?: string;
  readonly url: string;
  headers: Record<string, string>;
}
/** Of swagger-ui-dist, loaded by the page before this file. */
declare const SwaggerUIBundle: (options: Readonly<Record<string, unknown>>) => void;
declare const location: { readonly pathname: string };

/** Not crypto.randomUUID: browsers have that on secure origins only. */
const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** What nobody wants to type on every try. */
function addHeaders(request: ViewerRequest): ViewerRequest {
  const names = new Set(Object.keys(request.headers).map((name) => name.toLowerCase()));
  if (!names.has('x-correlation-id')) request.headers['X-Correlation-Id'] = randomId();
  if (request.method === 'POST' && !names.has('idempotency-key')) request.headers['Idempotency-Key'] = randomId();
  return request;
}

type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Of the document, as far as it is changed here. */
interface Document {
  readonly paths: Paths;
  readonly components: { readonly parameters: { readonly CorrelationId: { required: boolean; description: string } } };
}

type Resolve = (document: Document, place: readonly string[], options: unknown) => Promise<unknown>;

/**
 * Before it shows a part of the document, the library reads all that it is given, which for every endpoint takes it seconds:
 * it gets the endpoint that is shown, and what endpoints refer to.
 */
const resolveAlone = ({ fn: { resolveSubtree } }: { readonly fn: { readonly resolveSubtree: Resolve } }) => ({
  fn: {
    resolveSubtree: (document: Document, place: readonly string[], options: unknown) =>
      resolveSubtree({ ...document, paths: pathsAt(document.paths, place) }, place, options),
  },
});

function pathsAt(paths: Paths, [part, path = '', method = '']: readonly string[]): Paths {
  if (part !== 'paths') return {};
  return { [path]: { [method]: paths[path]?.[method] } };
}

const name = location.pathname.slice(location.pathname.lastIndexOf('/') + 1);
const answer = await fetch(`/openapi/${name}.json`);
const spec = (await answer.json()) as Document;
const { CorrelationId } = spec.components.parameters;
CorrelationId.required = false;
CorrelationId.description += '. Left empty here, the page makes one.';

SwaggerUIBundle({
  spec,
  dom_id: '#viewer',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  showCommonExtensions: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: addHeaders,
  plugins: [resolveAlone],
});
