import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '@platen/schema/errors';
import { errors } from '@platen/schema/errors';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import { withScope } from '../log/logger.js';
import type { Tracing } from '../tracing/tracing.js';
import { AppError } from './app-error.js';
import { type Arrivals, watchArrivals } from './arrivals.js';
import { isCorrelationId } from './correlation.js';
import { type EventStreamSettings, EventStreams } from './event-streams.js';
import type { Exchange } from './exchange.js';
import { securityHeaders } from './headers.js';
import type { RequestMetrics } from './metrics.js';
import { describeProblem, problemMediaType, toProblemError } from './problem.js';
import type { Readiness } from './readiness.js';
import { createRequestLog } from './request-log.js';
import { compileSerializer } from './serialization.js';
import { cutShort } from './upload.js';
import { compileSchema, unstorableFields } from './validation.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the first hook of every route that a contract declares; null on the others. */
    exchange: Exchange | null;
  }
  interface FastifyInstance {
    /** From the first step of closing on, answers end their connections. */
    isClosing: boolean;
    /** Before closing, while everything is still served: answers to what arrives from now on end their connections. */
    endConnections: () => void;
    /** Who is slow with sending a body. */
    arrivals: Arrivals;
    /** Those that are open. */
    eventStreams: EventStreams;
  }
}

/** What both kinds of listener share. */
export interface AppOptions {
  readonly log: Logger;
  readonly production: boolean;
  readonly readiness: () => Readiness;
  readonly metrics?: RequestMetrics;
  /** Null or absent: requests are no spans. */
  readonly tracing?: Tracing | null;
  /** Addresses whose X-Forwarded-For is believed. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Bytes. */
  readonly bodyLimit?: number;
  readonly maxConnections?: number;
  /** About the time within which a request must have arrived in whole: what is sent byte by byte is cut. */
  readonly requestTimeoutMs?: number;
  /** From the beginning of closing, how long answers in flight may take. */
  readonly closeWithinMs?: number;
  readonly eventStreams?: Partial<EventStreamSettings>;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

const mebibyte = 1024 * 1024;
/** From the beginning of closing, how long a connection may be silent that has never said anything. */
const silentMs = 500;
const shortTurnMs = 0.2;
/** Of the time for a request. Its body has most of it again, so that both together stay within one and a half. */
const headShare = 0.4;
const bodyShare = 0.9;

/** Fastify with every default that is wrong for us set, one error handler, health and readiness. */
export function createFastifyApp(options: AppOptions): FastifyInstance {
  const requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
  const checkEveryMs = Math.min(1000, requestTimeoutMs);
  const app = fastify({
    logger: false,
    // Heads are watched by Node, bodies by us: Node's one time for both would cut long uploads.
    http: {
      requireHostHeader: false,
      headersTimeout: requestTimeoutMs * headShare,
      connectionsCheckingInterval: checkEveryMs,
    },
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    bodyLimit: options.bodyLimit ?? mebibyte,
    // While draining, what still arrives on open connections is served, with `Connection: close`.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: () => '',
    exposeHeadRoutes: false,
    trustProxy:
      options.trustedProxies === undefined || options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: {
      caseSensitive: true,
      ignoreDuplicateSlashes: false,
      ignoreTrailingSlash: false,
      maxParamLength: 256,
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
        app.arrivals.isLate(socket, () => answerBrokenRequest(error, socket));
      else answerBrokenRequest(error, socket);
    },
    frameworkErrors: (error, request, reply) => sendProblem(options, error, request, reply),
  });
  app.server.maxConnections = options.maxConnections ?? 10_000;
  app.decorateRequest('exchange', null);
  app.decorateRequest('upload', null);
  app.decorate('isClosing', false);
  app.decorate('endConnections', () => {
    app.server.prependListener('request', (_, response) => response.setHeader('connection', 'close'));
  });
  app.decorate('arrivals', watchArrivals(app.server, requestTimeoutMs * bodyShare, checkEveryMs, cutSlowBody));
  const finish = createRequestLog(options.log, options.metrics);
  const { clock = Date.now } = options;
  app.decorate('eventStreams', new EventStreams(options.eventStreams ?? {}, clock, finish));
  closeWithinGrace(app, options.closeWithinMs ?? 8000);
  app.setValidatorCompiler(compileSchema);
  app.setSerializerCompiler(compileSerializer);
  // Only JSON is taken; without this, Fastify also parses text/plain, which a form of another site can send.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => sendProblem(options, error, request, reply));
  app.setNotFoundHandler((request, reply) => sendProblem(options, new AppError('route_not_found'), request, reply));
  app.addHook('onResponse', (request, reply, done) => {
    // A stream that its reader left never finishes, so it tells of its end itself.
    if (request.exchange !== null && !request.exchange.isStreaming) finish(request.exchange, reply.statusCode);
    done();
  });
  addHealthRoutes(app, options);
  return app;
}

/**
 * Node stops its own time-outs when a server begins to close, and counts a connection that has sent nothing as busy:
 * one browser's preconnect would hold the process for ever.
 */
function closeWithinGrace(app: FastifyInstance, closeWithinMs: number): void {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('preClose', (done) => {
    app.isClosing = true;
    app.eventStreams.drain();
    // A proxy's last connections have been accepted, and their requests are on their way.
    const cutSilent = (): void => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    };
    // Once what waits has been read: who spoke while this process stood still was not silent.
    const silent = setTimeout(() => setImmediate(cutSilent), silentMs).unref();
    const timer = setTimeout(() => app.server.closeAllConnections(), closeWithinMs).unref();
    app.server.once('close', () => {
      clearTimeout(silent);
      clearTimeout(timer);
    });
    afterShortTurn(done);
  });
}

/**
 * What the system has accepted and the listener has not taken is reset with it. It takes what waits once a turn: closed after
 * a turn in which nothing else happened, it has missed least.
 */
function afterShortTurn(done: () => void, turnsLeft = 500): void {
  const sinceMs = performance.now();
  setImmediate(() => {
    if (turnsLeft === 0 || performance.now() - sinceMs < shortTurnMs) done();
    else afterShortTurn(done, turnsLeft - 1);
  });
}

function addHealthRoutes(app: FastifyInstance, options: AppOptions): void {
  const headers = securityHeaders(options.production);
  app.get('/health', (_request, reply) => reply.headers(headers).send({ status: 'ok' }));
  app.get('/ready', (_request, reply) => {
    const { ready, reason, dependencies, details } = options.readiness();
    const status = ready ? 'ready' : 'not_ready';
    return reply
      .code(ready ? 200 : 503)
      .headers(headers)
      .send({ status, reason, dependencies, ...details });
  });
}

/** The one place where a thrown value becomes an answer, and where a fault of ours is logged. */
export function sendProblem(options: AppOptions, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  // Who goes away in the middle of a body, or is cut, ends the request with an error of its stream, which is no fault of ours.
  const error = thrown instanceof Error && thrown === request.raw.errored ? cutShort() : toProblemError(thrown);
  const { status } = errors[error.code];
  const sent = request.headers['x-correlation-id'];
  const correlationId = request.exchange?.correlationId ?? (isCorrelationId(sent) ? sent : randomUUID());
  if (error.code === 'permission_denied') options.metrics?.denied(String(error.extensions['permission']));
  if (status >= 500) {
    const scope = request.exchange?.logScope ?? { correlationId, tenantId: null, context: null };
    logFault(options.log, scope, error, thrown);
  }
  if (reply.server.isClosing) reply.header('connection', 'close');
  const path = shownPath(request);
  reply.code(status).headers(securityHeaders(options.production)).header('x-correlation-id', correlationId);
  const retryAfter = error.retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (error.code === 'authentication_required') reply.header('www-authenticate', 'Bearer');
  const fields =
    error.fields.length === 0 && error.code === 'validation_failed' ? unstorableFields(request) : error.fields;
  reply.type(problemMediaType).send(JSON.stringify(describeProblem(error, fields, path, correlationId)));
}

/** What a problem document calls its occurrence: the path as it was asked for, unless that would repeat a secret. */
function shownPath({ exchange, raw }: FastifyRequest): string {
  if (exchange?.plan.contract.secretPath === true) return exchange.plan.path;
  return raw.url?.split('?', 1)[0]?.slice(0, 2048) ?? '/';
}

function logFault(log: Logger, scope: Exchange['logScope'], error: AppError, thrown: unknown): void {
  const shown = thrown instanceof AppError ? error : (error.cause ?? error);
  const child = withScope(log, scope);
  child.error({ error: shown, code: error.code }, 'request failed');
}

const brokenRequestCodes: Readonly<Record<string, { code: ErrorCode; status: number; phrase: string }>> = {
  HPE_HEADER_OVERFLOW: { code: 'malformed_url', status: 431, phrase: 'Request Header Fields Too Large' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', status: 408, phrase: 'Request Timeout' },
};

/** Whoever has an answer already only wasted our time with the rest of the body. */
function cutSlowBody({ raw, response }: { raw: IncomingMessage; response: ServerResponse }): void {
  const { socket } = raw;
  if (response.headersSent) socket.destroy();
  else {
    answerBrokenRequest(Object.assign(new Error('slow body'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
    socket.destroySoon();
  }
}

/** Requests that Node cannot parse reach no route; they get a document all the same, and the connection ends. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { code, status, phrase } = brokenRequestCodes[error.code ?? ''] ?? {
    code: 'malformed_body',
    status: 400,
    phrase: 'Bad Request',
  };
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({
    type: `urn:platen:error:${code}`,
    title: phrase,
    status,
    code,
    correlation_id: randomUUID(),
  });
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\ncontent-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
