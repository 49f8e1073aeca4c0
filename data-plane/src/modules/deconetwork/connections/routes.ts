import { dnConnections } from '@platen/schema/contracts/data/dn-connections';
import { implement, type Module } from '../../module.js';
import type { ConnectionService } from './service.js';

export const connectionRoutes = (service: ConnectionService): Module['implementations'] => [
  implement(dnConnections.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(dnConnections.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(dnConnections.create, ({ ctx, body }) => service.create(ctx, body)),
  implement(dnConnections.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(dnConnections.test, ({ ctx, params }) => service.test(ctx, params.id)),
  implement(dnConnections.pause, ({ ctx, params }) => service.pause(ctx, params.id)),
  implement(dnConnections.resume, ({ ctx, params }) => service.resume(ctx, params.id)),
  implement(dnConnections.delete, ({ ctx, params }) => service.delete(ctx, params.id)),
];
