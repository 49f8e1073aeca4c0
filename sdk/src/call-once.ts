import { type Authorizer, curableCodes, endingCodes, type Grant } from './authorizer.js';
import type { Deadline } from './deadline.js';
import { PlatenError, PlatenNetworkError, type Problem } from './errors.js';
import { delayMs, isRetryable, readRetryAfterMs } from './retry.js';
import type { Route } from './routes.js';
import type { Transport, TransportRequest, TransportResponse } from './transport/transport.js';

export interface CallOptions {
  /** The version that the change rests on, or the document it was read with: 412 when it has changed since. */
  readonly ifMatch?: number | { readonly version: number } | undefined;
  /** Made per call when absent; give one to repeat a call safely after a crash. */
  readonly idempotencyKey?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Over all tries, waits and token renewals of this call. Of what is streamed, for every wait: until the answer begins,
   * and from one piece to the next.
   */
  readonly deadlineMs?: number | undefined;
}

export interface CallSettings {
  readonly baseUrl: string;
  readonly transport: Transport;
  readonly authorizer: Authorizer;
  readonly deadlineMs: number;
  readonly maxTries: number;
  readonly random: () => number;
}

/** 128 random bits. Not crypto.randomUUID: browsers have that on secure origins only. */
export const randomId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** What the code for streams changes about a call. */
export interface Streaming {
  readonly body?: TransportRequest['body'];
  readonly headers: Readonly<Record<string, string>>;
  /** The body is gone after one try. */
  readonly once: boolean;
  /** Takes a good answer over, and its deadline with it. */
  readonly read?: (response: TransportResponse, attempt: Attempt) => unknown;
}

export interface Attempt {
  readonly route: Route;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: TransportRequest['body'];
  readonly correlationId: string;
  readonly deadline: Deadline;
  readonly streaming: Streaming | undefined;
}

/** As many tries as it takes and the deadline allows. */
export async function callOnce(
  settings: CallSettings,
  route: Route,
  { path, body }: { path: string; body?: string },
  options: CallOptions,
  deadline: Deadline,
  streaming?: Streaming,
): Promise<unknown> {
  const correlationId = options.correlationId ?? randomId();
  const attempt: Attempt = {
    route,
    url: settings.baseUrl + path,
    headers: { ...headersOf(route, body, correlationId, options), ...streaming?.headers },
    body: streaming ? streaming.body : body,
    correlationId,
    deadline,
    streaming,
  };
  let taken = false;
  try {
    const answer = await tryUntilAnswered(settings, route, attempt, options.ifMatch !== undefined);
    taken = streaming?.read !== undefined;
    return answer;
  } catch (error) {
    throw deadline.signal.aborted ? reasonOf(attempt, error) : error;
  } finally {
    if (!taken) deadline.clear();
  }
}

/** Why a call was cut short: the caller's own reason, or the deadline with the last failure as its cause. */
export const reasonOf = ({ route, deadline, correlationId }: Attempt, cause: unknown) =>
  deadline.passed ? new PlatenNetworkError(route.name, 'timeout', correlationId, { cause }) : deadline.signal.reason;

async function tryUntilAnswered(settings: CallSettings, route: Route, attempt: Attempt, hasIfMatch: boolean) {
  const { authorizer } = settings;
  const { deadline } = attempt;
  let renewed = false;
  let uncertain = false;
  for (let tries = 0; ; tries++) {
    const grant = route.has('a') ? undefined : await deadline.race(authorizer.grant());
    try {
      return await tryOnce(settings, route, attempt, grant?.token);
    } catch (error) {
      if (deadline.signal.aborted) throw error;
      if (error instanceof PlatenError && error.status === 401) {
        if (grant && !renewed && !attempt.streaming?.once && curableCodes.includes(error.code)) {
          renewed = true;
          await renew(authorizer, grant, deadline, error);
          continue;
        }
        if (endingCodes.includes(error.code)) authorizer.end(error.code, error.correlationId);
        throw error;
      }
      // The try whose answer was lost has deleted it.
      if (uncertain && route.method === 'DELETE' && error instanceof PlatenError && error.status === 404)
        return undefined;
      uncertain ||= error instanceof PlatenNetworkError;
      if (tries + 1 >= settings.maxTries || attempt.streaming?.once || !isRetryable(route, error, hasIfMatch))
        throw error;
      const { retryAfterMs } = error as PlatenError | PlatenNetworkError; // isRetryable took no other
      const waitMs = delayMs(tries, retryAfterMs, settings.random);
      // Waiting past the deadline helps nobody: what is known now is the better answer.
      if (Date.now() + waitMs >= deadline.endsAtMs) throw error;
      await deadline.sleep(waitMs);
    }
  }
}

async function renew(authorizer: Authorizer, refused: Grant, deadline: Deadline, error: PlatenError) {
  try {
    await deadline.race(authorizer.renew(refused));
  } catch (failure) {
    if (!(failure instanceof PlatenError && failure.status === 401)) throw failure;
    // Signed out: the caller gets the 401 of its own call.
    error.cause = failure;
    throw error;
  }
}

async function tryOnce(settings: CallSettings, route: Route, attempt: Attempt, token: string | undefined) {
  const { url, body, correlationId, deadline } = attempt;
  const headers =
    token === undefined ? { ...attempt.headers } : { ...attempt.headers, authorization: `Bearer ${token}` };
  const request = { method: route.method, headers, signal: deadline.signal };
  let response: TransportResponse;
  let text = '';
  try {
    response = await settings.transport(url, body === undefined ? request : { ...request, body, duplex: 'half' });
    const read = attempt.streaming?.read;
    if (read && response.status >= 200 && response.status < 300) return read(response, attempt);
    text = await response.text();
  } catch (cause) {
    throw new PlatenNetworkError(route.name, 'connection', correlationId, { cause });
  }
  const { status } = response;
  const answer = text === '' ? undefined : parse(text);
  const nowMs = Date.parse(response.headers.get('date') ?? '') || Date.now();
  if (status >= 200 && status < 300 && answer !== notJson) {
    settings.authorizer.observe(route, answer, nowMs);
    return answer;
  }
  const retryAfterMs = readRetryAfterMs(response.headers.get('retry-after'), nowMs);
  if (isProblem(answer)) throw new PlatenError(route.name, { ...answer, status }, correlationId, retryAfterMs);
  throw new PlatenNetworkError(route.name, 'answer', correlationId, { status, retryAfterMs });
}

const notJson = Symbol();
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

const isProblem = (answer: unknown): answer is Problem =>
  typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'string';

function headersOf(route: Route, body: string | undefined, correlationId: string, options: CallOptions) {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'x-correlation-id': correlationId,
  };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (route.has('k')) headers['idempotency-key'] = options.idempotencyKey ?? randomId();
  const { ifMatch } = options;
  if (ifMatch !== undefined) headers['if-match'] = `"${typeof ifMatch === 'number' ? ifMatch : ifMatch.version}"`;
  return headers;
}
