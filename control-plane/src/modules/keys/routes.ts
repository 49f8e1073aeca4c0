import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { keys } from '@platen/schema/contracts/control/keys';
import type { Keyring } from './keyring.js';

/** Short: a revoked key has to be gone everywhere within a minute. */
const maxAgeSeconds = 30;

export const keyRoutes = (keyring: Keyring): SiteImplementation[] => [
  implementSite(keys.jwks, async ({ reply }) => {
    reply.header('cache-control', `public, max-age=${maxAgeSeconds}`);
    return { keys: [...keyring.current()] };
  }),
];
