import { jobCallEntry } from '../job-files/index.js';
import type { Module, ModuleDeps } from '../module.js';
import { exportRoutes, exportRowRoutes } from './routes.js';

export { requireExportedList } from './exported-list.js';

/** Lists as files: asked for by people, read page by page by the worker that writes them. */
export const exportsModule = (deps: ModuleDeps): Module => ({
  implementations: exportRoutes((tenantId, id) => deps.feed.organization(tenantId, id)),
  internal: exportRowRoutes(jobCallEntry(deps)),
});
