import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { accessAdministration } from '@platen/schema/contracts/control/access';
import type { TenantEntry } from '../tenants/index.js';
import type { ExplainService } from './explain-service.js';
import type { PreviewService } from './preview-service.js';

const implement = implementer<TenantEntry>();

export const accessReviewRoutes = (services: ExplainService & PreviewService): Implementation<TenantEntry>[] => [
  implement(accessAdministration.explain, async ({ ctx, query }) => services.explainAccess(ctx, query)),
  implement(accessAdministration.preview, async ({ ctx, body }) => services.previewChange(ctx, body)),
];
