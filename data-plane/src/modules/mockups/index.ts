import { implementSite } from '@platen/chassis/http/implement';
import { mockups } from '@platen/schema/contracts/data/mockups';
import { mockups as mockupWork } from '@platen/schema/contracts/internal/mockups';
import type { StorageProvider } from '../../storage/storage.js';
import { jobCallEntry } from '../job-files/index.js';
import { implement, type Module, type ModuleDeps } from '../module.js';
import { createOpenInput } from './inputs.js';
import { createMockupService } from './service.js';

/** Artwork composed onto pictures of products: asked for here, made by a worker. */
export function mockupsModule(deps: ModuleDeps, own: { readonly storage: StorageProvider }): Module {
  const service = createMockupService();
  const openInput = createOpenInput(own);
  const enter = jobCallEntry(deps);
  return {
    implementations: [implement(mockups.create, ({ ctx, body }) => service.create(ctx, body))],
    internal: [
      implementSite(mockupWork.input, async ({ ctx, params, query }) =>
        openInput(enter(ctx, params, query), params.which),
      ),
    ],
  };
}
