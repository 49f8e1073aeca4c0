import { implementSite } from '@platen/chassis/http/implement';
import type { Implementation, SiteImplementation } from '@platen/chassis/http/types';
import { exports } from '@platen/schema/contracts/data/exports';
import { exportRows } from '@platen/schema/contracts/internal/export-rows';
import type { Tenant } from '../../feed/tenant.js';
import type { FindOrganization } from '../documents/index.js';
import type { EnterJobCall } from '../job-files/index.js';
import { implement } from '../module.js';
import { createExport } from './create-export.js';
import { listExportRows } from './rows-service.js';

export const exportRoutes = (findOrganization: FindOrganization): Implementation<Tenant>[] => [
  implement(exports.create, ({ ctx, body }) => createExport(findOrganization, ctx, body)),
];

export const exportRowRoutes = (enter: EnterJobCall): SiteImplementation[] => [
  implementSite(exportRows.list, async ({ ctx, params, query }) => listExportRows(enter(ctx, params, query), query)),
];
