import type { Module, ModuleDeps } from '../../module.js';
import { mapRoutes } from './routes.js';
import { createMapService } from './service.js';

/** What the records of sites are here: said by people, and what waits for them. */
export const mapsArea = ({ cursors }: ModuleDeps): Module => ({
  implementations: mapRoutes(createMapService({ cursors })),
});
