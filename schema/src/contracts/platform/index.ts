import { auth } from './auth.js';

/** Everything the control plane serves at the platform's own host. */
export const platformContracts = { platform: { auth } } as const;
