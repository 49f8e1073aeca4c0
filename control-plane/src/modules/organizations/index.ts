export { createFirstOrganization } from './first-organization.js';
export { lockPlaces } from './repo.js';
export { organizationRoutes } from './routes.js';
export { createOrganizationService } from './service.js';
export { createSettingsService } from './settings-service.js';
export { holdsAt, listVisible, reachOf, requirePlace, wholeOrganization } from './visible.js';
export { createWorkspaceService } from './workspace-service.js';
