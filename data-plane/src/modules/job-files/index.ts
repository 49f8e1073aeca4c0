import type { StorageProvider } from '../../storage/storage.js';
import type { Module, ModuleDeps } from '../module.js';
import { jobFileRoutes } from './routes.js';
import { createJobFiles } from './service.js';
import { jobCallEntry } from './work-call.js';

export { listPartKeys } from './repo.js';
export { type EnterJobCall, type JobCall, jobCallEntry } from './work-call.js';

/** What jobs put into the storage while they run. */
export const jobFilesModule = (deps: ModuleDeps, own: { readonly storage: StorageProvider }): Module => ({
  implementations: [],
  internal: jobFileRoutes(createJobFiles(own), jobCallEntry(deps)),
});
