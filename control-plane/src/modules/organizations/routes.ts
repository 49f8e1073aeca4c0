import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { organizationSettings, organizations } from '@platen/schema/contracts/control/organizations';
import { workspaces } from '@platen/schema/contracts/control/workspaces';
import type { TenantEntry } from '../tenants/index.js';
import type { OrganizationService } from './service.js';
import type { SettingsService } from './settings-service.js';
import type { WorkspaceService } from './workspace-service.js';

const implement = implementer<TenantEntry>();

export const organizationRoutes = (services: {
  readonly organizations: OrganizationService;
  readonly settings: SettingsService;
  readonly workspaces: WorkspaceService;
}): Implementation<TenantEntry>[] => [
  implement(organizations.list, ({ ctx, query }) => services.organizations.list(ctx, query)),
  implement(organizations.get, ({ ctx, params }) => services.organizations.get(ctx, params.id)),
  implement(organizations.create, ({ ctx, body }) => services.organizations.create(ctx, body)),
  implement(organizations.update, ({ ctx, params, body }) => services.organizations.update(ctx, params.id, body)),
  implement(organizationSettings.get, ({ ctx, params }) => services.settings.get(ctx, params.id)),
  implement(organizationSettings.update, ({ ctx, params, body }) => services.settings.update(ctx, params.id, body)),
  implement(workspaces.list, ({ ctx, query }) => services.workspaces.list(ctx, query)),
  implement(workspaces.create, ({ ctx, body }) => services.workspaces.create(ctx, body)),
  implement(workspaces.update, ({ ctx, params, body }) => services.workspaces.update(ctx, params.id, body)),
];
