import type { Contract, UploadSpec } from '@platen/schema/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import type { ServiceVerifier } from '../auth/principals.js';
import { createTokenBuckets, type RateLimits } from '../cache/token-buckets.js';
import { causedBy } from '../tracing/current.js';
import { AppError } from './app-error.js';
import { accessCookieName, platformAccessCookieName, platformRefreshCookieName, refreshCookieName } from './cookies.js';
import { addDocumentRoutes } from './docs/routes.js';
import { parseIfMatch } from './etag.js';
import type { Exchange, Lent } from './exchange.js';
import { type AppOptions, createFastifyApp } from './fastify-app.js';
import { securityHeaders } from './headers.js';
import { canonicalHost } from './host.js';
import { hashRequest, parseIdempotencyKey, publicPrincipalId, Replay } from './idempotency.js';
import { pairContracts } from './implement.js';
import { createInternalGuard, createSiteGuard } from './internal-guard.js';
import type { Metrics } from './metrics.js';
import { openApiDocument } from './openapi.js';
import { createOriginCheck } from './origin.js';
import { planRoute, type RoutePlan } from './plan.js';
import { createPlatformGuard, type PlatformRules } from './platform-guard.js';
import { platformTenant } from './platform-tenant.js';
import { addPreflight } from './preflight.js';
import { requestSpans } from './request-span.js';
import { sendAnswer, sendReplay, serializeAnswer } from './respond.js';
import { createTenantGuard, requireActive } from './tenant-guard.js';
import type { TenantRules } from './tenant-rules.js';
import type { AnyCall, CallCtx, Ctx, Implementation, PlatformCtx, SiteImplementation, TenantRef } from './types.js';
import { addUploadParser, cutShort, notTaken } from './upload.js';
import { unknownFields } from './validation.js';

interface ListenerOptions extends AppOptions {
  readonly newId?: () => string;
}

/** A listener at tenants' hosts. */
export interface ServerOptions<T extends TenantRef>
  extends ListenerOptions,
    Omit<TenantRules<T>, 'limits' | 'isFeatureEnabled'>,
    Pick<Lent<T>, 'openDb'> {
  readonly contracts: readonly Contract[];
  readonly implementations: readonly Implementation<T>[];
  /** Default: every feature is on. */
  readonly isFeatureEnabled?: (flag: string) => boolean;
  /** Default: buckets of this instance. */
  readonly limits?: RateLimits;
  /** For a plane that has no use for the refresh cookie: handlers never see it. Default: false. */
  readonly dropRefreshCookie?: boolean;
  /** Calls back when an answer of `resolveTenant` or `refusalOf` may have changed, so that open streams are asked again. */
  readonly onAccessChanged?: (listener: () => void) => void;
  /** Ports of front ends on a developer's machine; ignored in production. */
  readonly devOriginPorts?: readonly number[];
  /** The document at `/openapi/<name>.json` and the page at `/docs/<name>` that shows it. */
  readonly documents?: { readonly name: string; readonly title: string; readonly description: string };
  /** Serves contracts with a platform access too, at the platform's own host. */
  readonly platform?: Omit<PlatformRules, 'accessCookie' | 'refreshCookie' | 'isOwnOrigin'>;
}

/**
 * A listener for tenants: each contract guarded by its access, validated, implemented, or it does not start.
 * @throws Error naming the contracts that do not match their implementations
 */
export function createServer<T extends TenantRef>(options: ServerOptions<T>): FastifyInstance {
  const pairs = pairContracts(options.contracts, options.implementations);
  const app = createFastifyApp(options);
  const { production, resolveTenant } = options;
  const headers = securityHeaders(production);
  const lent = { ...lend(options, { beginsTraces: true }), openDb: options.openDb };
  const parts = {
    ...options,
    lent,
    headers,
    isFeatureEnabled: options.isFeatureEnabled ?? (() => true),
    limits: options.limits ?? createTokenBuckets(),
    accessCookie: accessCookieName(production),
    refreshCookie: refreshCookieName(production),
    dropRefreshCookie: options.dropRefreshCookie ?? false,
    isOwnOrigin: createOriginCheck({ production, resolveTenant, devOriginPorts: options.devOriginPorts ?? [] }),
  };
  options.onAccessChanged?.(() => app.eventStreams.checkSoon());
  addPreflight(app, parts);
  addDocuments(app, options, pairs);
  const platform = options.platform && { ...parts, ...platformParts(options, options.platform) };
  for (const implementation of pairs) {
    const plan = planRoute(implementation.contract);
    if (plan.access === 'service' || plan.access === 'client_credentials') {
      throw new Error(`${plan.contract.name} belongs on an internal listener`);
    }
    if (implementation.kind === 'platform') {
      if (platform === undefined) throw new Error(`${plan.contract.name} needs a platform host`);
      addRoute<PlatformCtx>(app, plan, createPlatformGuard(plan, platform), implementation.handler);
    } else if (implementation.kind === 'tenant') {
      addRoute<Ctx<T>>(app, plan, createTenantGuard(plan, parts), implementation.handler);
    } else {
      if (plan.access !== 'public') throw new Error(`${plan.contract.name} needs a tenant`);
      addRoute<CallCtx>(app, plan, createSiteGuard(plan, lent, headers), implementation.handler);
    }
  }
  return app;
}

/** Each kind of host shows what it serves: nobody reads there of endpoints that would be a 404. */
function addDocuments<T extends TenantRef>(
  app: FastifyInstance,
  { documents, production, platform, resolveTenant }: ServerOptions<T>,
  pairs: readonly Implementation<T>[],
): void {
  if (documents === undefined) return;
  const siteOf = (request: FastifyRequest): 'tenant' | 'platform' => {
    const host = canonicalHost(request.raw);
    if (host === platform?.host) return 'platform';
    requireActive(resolveTenant(host));
    return 'tenant';
  };
  const document = (site: 'tenant' | 'platform') =>
    openApiDocument({
      ...documents,
      title: site === 'platform' ? `${documents.title}: platform` : documents.title,
      production,
      contracts: pairs.flatMap(({ kind, contract }) => (kind === 'site' || kind === site ? [contract] : [])),
    });
  addDocumentRoutes(app, { name: documents.name, title: documents.title, production, siteOf, document });
}

/** A listener for our own processes, on a port of its own that nothing routes to from outside. */
export interface InternalServerOptions extends ListenerOptions {
  readonly contracts: readonly Contract[];
  readonly implementations: readonly SiteImplementation[];
  readonly verifier: ServiceVerifier;
  /** Shown at GET /metrics. */
  readonly exposed?: Metrics;
}

export function createInternalServer(options: InternalServerOptions): FastifyInstance {
  const pairs = pairContracts(options.contracts, options.implementations);
  const app = createFastifyApp(options);
  const headers = securityHeaders(options.production);
  const lent = { ...lend(options, { beginsTraces: false }), openDb: refuseDb };
  for (const { contract, handler } of pairs) {
    const plan = planRoute(contract);
    if (plan.access === 'public') {
      addRoute<CallCtx>(app, plan, createSiteGuard(plan, lent, headers), handler);
      continue;
    }
    if (plan.access !== 'service' && plan.access !== 'client_credentials') {
      throw new Error(`${contract.name} belongs at a tenant's host`);
    }
    addRoute<CallCtx>(app, plan, createInternalGuard(plan, lent, headers, options.verifier), handler);
  }
  const { exposed } = options;
  if (exposed !== undefined) {
    app.get('/metrics', async (_request, reply) =>
      reply.type(exposed.registry.contentType).send(await exposed.registry.metrics()),
    );
  }
  return app;
}

const lend = (options: ListenerOptions, spans: { readonly beginsTraces: boolean }) => ({
  log: options.log,
  clock: options.clock ?? Date.now,
  newId: options.newId ?? (() => uuidv7()),
  startSpan: options.tracing ? requestSpans(options.tracing, spans) : null,
});

const refuseDb = (): never => {
  throw new Error('An internal listener has no tenant to open a database for');
};

/** At the platform's host, cookies have names of their own and only that host's pages may write. */
function platformParts<T extends TenantRef>(
  options: ServerOptions<T>,
  rules: NonNullable<ServerOptions<T>['platform']>,
): PlatformRules {
  const { production } = options;
  const isOwnOrigin = createOriginCheck({
    production,
    resolveTenant: (host) => (host === rules.host ? platformTenant : undefined),
    devOriginPorts: options.devOriginPorts ?? [],
  });
  return {
    ...rules,
    accessCookie: platformAccessCookieName(production),
    refreshCookie: platformRefreshCookieName(production),
    isOwnOrigin: (origin, requestHost) => isOwnOrigin(origin, platformTenant, requestHost),
  };
}

type Guard =
  | ((request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void)
  | ((request: FastifyRequest, reply: FastifyReply) => Promise<void>);

function addRoute<X extends CallCtx>(
  app: FastifyInstance,
  plan: RoutePlan,
  onRequest: Guard,
  handler: (call: AnyCall<X>) => Promise<unknown>,
): void {
  const { upload } = plan.contract;
  if (upload === undefined) {
    app.route(routeOptions(plan, onRequest, handler));
    return;
  }
  app.register(async (scope) => {
    addUploadParser(scope, upload);
    scope.route(routeOptions(plan, onRequest, handler));
  });
}

function routeOptions<X extends CallCtx>(
  plan: RoutePlan,
  onRequest: Guard,
  handler: (call: AnyCall<X>) => Promise<unknown>,
): RouteOptions {
  const { contract } = plan;
  return {
    method: contract.method,
    url: contract.path,
    onRequest,
    schema: {
      ...(contract.params === undefined ? {} : { params: contract.params }),
      querystring: contract.query ?? noQuery,
      ...(contract.body === undefined || contract.upload?.mediaType === 'application/json'
        ? {}
        : { body: contract.body }),
      ...(contract.response === undefined || contract.mediaType !== undefined
        ? {}
        : { response: { [contract.status]: contract.response } }),
    },
    handler: (request, reply) => {
      // The guard has set it, or this would not run.
      const exchange = request.exchange as Exchange;
      prepareWrite(plan, exchange, request, reply);
      const call = {
        // The guard that belongs to this handler has filled the exchange as far as its kind of context goes.
        ctx: exchange as unknown as X,
        params: request.params,
        query: request.query,
        body: request.body,
        upload: request.upload ?? undefined,
        request,
        reply,
      } as unknown as AnyCall<X>;
      const fail = (error: unknown): void => {
        if (error instanceof Replay) sendReplay(plan, reply, error);
        else if (!reply.sent) reply.send(error);
      };
      // Sending can fail too, and a rejection that nobody handles ends the process.
      const { span } = exchange;
      const answering = span === null ? handler(call) : causedBy(span.traceparent, () => handler(call));
      answering.then((answer) => sendAnswer(plan, reply, answer), fail).catch(fail);
    },
  };
}

/** A contract without a query takes none. */
const noQuery = { type: 'object', properties: {}, additionalProperties: false };

function prepareWrite(plan: RoutePlan, exchange: Exchange, request: FastifyRequest, reply: FastifyReply): void {
  if (plan.contract.upload !== undefined) requireUpload(plan.contract.upload, request, reply);
  if (plan.isWrite && plan.contract.body === undefined) requireNoBody(request.body);
  if (plan.takesIfMatch) exchange.ifMatch = parseIfMatch(request.headers['if-match']);
  if (!plan.takesIdempotencyKey) return;
  const key = parseIdempotencyKey(request.headers['idempotency-key']);
  if (key === null || exchange.tenantId === null) return;
  exchange.idempotencyKey = {
    tenantId: exchange.tenantId,
    principalId: exchange.principal?.id ?? publicPrincipalId,
    route: plan.contract.name,
    key,
    // One user's organizations are as strange to each other as two users': the same request in another is another one.
    requestHash: hashRequest(
      plan.needsOrganization ? [exchange.organizationId, exchange.workspaceId] : [],
      request.params,
      request.query,
      request.body,
    ),
    status: plan.contract.status,
    serialize: (result) => serializeAnswer(reply, plan.contract.status, result),
  };
}

/** A request without a content type comes past every parser. What the handler leaves of the file goes with its answer. */
function requireUpload(spec: UploadSpec, { upload }: FastifyRequest, reply: FastifyReply): void {
  if (upload === null) throw notTaken(spec);
  if (upload.whole !== null) return;
  const drop = (): void => {
    // Most are read to their end by then, and an error is dear to make.
    if (!upload.file.destroyed) upload.file.destroy(cutShort());
  };
  reply.raw.once('finish', drop).once('close', drop);
}

/** Nothing reads it, so whatever is in it would be taken for done. An empty object says nothing. */
function requireNoBody(body: unknown): void {
  if (body === undefined || body === null) return;
  const names = typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : [''];
  if (names.length === 0) return;
  throw new AppError('validation_failed', undefined, { fields: unknownFields('/body', names) });
}
