import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { jobFiles } from '@platen/schema/contracts/internal/job-files';
import type { JobFileService } from './service.js';
import type { EnterJobCall } from './work-call.js';

export const jobFileRoutes = (service: JobFileService, enter: EnterJobCall): SiteImplementation[] => [
  implementSite(jobFiles.list, async ({ ctx, params, query }) => service.list(enter(ctx, params, query))),
  implementSite(jobFiles.put, async ({ ctx, params, query, upload }) =>
    service.put(enter(ctx, params, query), query.name, upload.file),
  ),
  implementSite(jobFiles.putPart, async ({ ctx, params, query, upload }) =>
    service.putPart(enter(ctx, params, query), params.part, query.row_count, upload.file),
  ),
  implementSite(jobFiles.getPart, async ({ ctx, params, query }) =>
    service.getPart(enter(ctx, params, query), params.part),
  ),
  implementSite(jobFiles.deleteParts, async ({ ctx, params, query }) => service.deleteParts(enter(ctx, params, query))),
];
