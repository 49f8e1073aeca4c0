import { auth } from './auth.js';
import { context } from './context.js';
import { keys } from './keys.js';
import { userRoles } from './user-roles.js';

/** Everything the control plane serves at a tenant's host. */
export const controlContracts = { auth, context, admin: { userRoles }, keys } as const;
