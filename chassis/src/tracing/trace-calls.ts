import { currentTraceparent, errorName } from './current.js';
import type { Tracing } from './tracing.js';

/** What a transport of the SDK takes and answers, as far as it matters here. */
interface Request {
  readonly method: string;
  readonly headers: Record<string, string>;
}
type Send<R extends Request, A extends { readonly status: number }> = (url: string, request: R) => Promise<A>;

/**
 * What is called while something is being done says so, and is a span of it; calls of nothing, such as polls, are as they
 * were.
 */
export function traceCalls<R extends Request, A extends { readonly status: number }>(
  send: Send<R, A>,
  tracing: Tracing | null,
): Send<R, A> {
  const sendAs = (traceparent: string, url: string, request: R): Promise<A> =>
    send(url, { ...request, headers: { ...request.headers, traceparent } });

  return async (url, request) => {
    const parent = currentTraceparent();
    if (parent === null) return send(url, request);
    if (tracing === null) return sendAs(parent, url, request);
    const { host, pathname } = new URL(url);
    const path = patternOf(pathname);
    const span = tracing.start({
      name: `${request.method} ${path}`,
      kind: 'client',
      parent,
      attributes: { 'http.request.method': request.method, 'url.template': path, 'server.address': host },
    });
    try {
      const answer = await sendAs(span.traceparent, url, request);
      const { status } = answer;
      span.end({
        attributes: { 'http.response.status_code': status },
        ...(status >= 400 && { error: String(status) }),
      });
      return answer;
    } catch (error) {
      span.end({ error: errorName(error) });
      throw error;
    }
  };
}

const idPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

const patternOf = (path: string): string => path.replace(idPattern, '{id}');
