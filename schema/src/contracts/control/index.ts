import { access, accessAdministration } from './access.js';
import { accessModules } from './access-modules.js';
import { apiKeys } from './api-keys.js';
import { auditEvents } from './audit-events.js';
import { auth } from './auth.js';
import { context } from './context.js';
import { domains } from './domains.js';
import { invitations } from './invitations.js';
import { keys } from './keys.js';
import { menu } from './menu.js';
import { organizationSettings, organizations } from './organizations.js';
import { permissionOverrides } from './permission-overrides.js';
import { permissions, roles } from './roles.js';
import { stores } from './stores.js';
import { userRoles } from './user-roles.js';
import { users } from './users.js';
import { workspaces } from './workspaces.js';

/** Everything the control plane serves at a tenant's host. */
export const controlContracts = {
  access: { ...access, ...accessModules },
  auth,
  context,
  admin: {
    auditEvents,
    access: accessAdministration,
    apiKeys,
    domains,
    invitations,
    organizationSettings,
    organizations,
    permissionOverrides,
    permissions,
    roles,
    stores,
    userRoles,
    users,
    workspaces,
  },
  keys,
  menu,
} as const;
