import { dnMaps } from '@platen/schema/contracts/data/dn-maps';
import { implement, type Module } from '../../module.js';
import type { MapService } from './service.js';

export const mapRoutes = (service: MapService): Module['implementations'] => [
  implement(dnMaps.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(dnMaps.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(dnMaps.trail, ({ ctx, params, query }) => service.trail(ctx, params.id, query)),
  implement(dnMaps.update, ({ ctx, params, body }) => service.update(ctx, params.id, body)),
  implement(dnMaps.confirm, ({ ctx, body }) => service.confirm(ctx, body)),
  implement(dnMaps.suggest, ({ ctx, body }) => service.suggest(ctx, body)),
];
