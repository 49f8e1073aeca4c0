import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceToken, ServiceVerifier } from '../auth/principals.js';
import { AppError } from './app-error.js';
import { bearerToken } from './bearer.js';
import type { Exchange, Lent } from './exchange.js';
import type { RoutePlan } from './plan.js';
import { beginExchange } from './tenant-guard.js';
import type { TenantRef } from './types.js';

type Done = (error?: Error) => void;

/** Before a public document that belongs to no tenant. */
export const createSiteGuard =
  <T extends TenantRef>(plan: RoutePlan, lent: Lent<T>, headers: Readonly<Record<string, string>>) =>
  (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    try {
      request.exchange = beginExchange(plan, lent, request, reply, headers) as unknown as Exchange;
      done();
    } catch (error) {
      done(error as Error);
    }
  };

/** Before an internal endpoint: a service token with the endpoint's scope, from the header alone. */
export const createInternalGuard =
  <T extends TenantRef>(
    plan: RoutePlan,
    lent: Lent<T>,
    headers: Readonly<Record<string, string>>,
    verifier: ServiceVerifier,
  ) =>
  (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    try {
      const exchange = beginExchange(plan, lent, request, reply, headers) as unknown as Exchange;
      request.exchange = exchange;
      if (plan.access === 'client_credentials') {
        done();
        return;
      }
      const { authorization } = request.headers;
      if (authorization === undefined) throw new AppError('authentication_required');
      const token = bearerToken(authorization);
      const verified = verifier.verify(token, exchange.nowMs);
      if (verified instanceof Promise) verified.then((late) => admit(plan, exchange, late)).then(() => done(), done);
      else {
        admit(plan, exchange, verified);
        done();
      }
    } catch (error) {
      done(error as Error);
    }
  };

function admit(plan: RoutePlan, exchange: Exchange, token: ServiceToken): void {
  if (plan.serviceScope === null || !token.hasScope(plan.serviceScope)) {
    throw new AppError('insufficient_scope', undefined, { extensions: { scope: plan.serviceScope } });
  }
  exchange.principal = token;
}
