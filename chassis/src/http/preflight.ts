import type { FastifyInstance } from 'fastify';
import { canonicalHost } from './host.js';
import { allowOrigin, type GuardParts } from './tenant-guard.js';
import type { TenantRef } from './types.js';

const allowedHeaders =
  'authorization, content-type, idempotency-key, if-match, if-none-match, traceparent, x-correlation-id';

/** CORS preflights. A refused one has the same status and no permission in it, which is all a browser looks at. */
export function addPreflight<T extends TenantRef>(
  app: FastifyInstance,
  parts: Pick<GuardParts<T>, 'isOwnOrigin' | 'resolveTenant' | 'headers'>,
): void {
  app.options('/*', (request, reply) => {
    const { origin } = request.headers;
    reply.code(204).headers(parts.headers);
    const tenant = parts.resolveTenant(canonicalHost(request.raw));
    if (origin !== undefined && tenant !== undefined && allowOrigin(origin, tenant, request, reply, parts)) {
      reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
      reply.header('access-control-allow-headers', allowedHeaders);
      reply.header('access-control-max-age', '600');
    }
    return reply.send();
  });
}
