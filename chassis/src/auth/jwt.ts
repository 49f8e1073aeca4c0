import fastifyJwt, { type FastifyJWTOptions, type JWT } from '@fastify/jwt';
import { fastify } from 'fastify';

/**
 * `@fastify/jwt` for one key, prepared once. Keys come and go while a service runs, and a plugin registered on a listener
 * keeps those it was registered with; so each key has the plugin on an instance of its own, which never listens.
 * A plugin is a function of (instance, options, done), and this one is done before it returns.
 */
export function createJwt(options: FastifyJWTOptions): JWT {
  const host = fastify();
  fastifyJwt(host, options, (error) => {
    if (error) throw error;
  });
  return host.jwt;
}
