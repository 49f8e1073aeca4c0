import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { keys } from '@platen/schema/contracts/control/keys';
import { keySet } from '@platen/schema/contracts/internal/key-set';
import type { Keyring } from './keyring.js';

/** Short: a revoked key has to be gone everywhere within a minute. */
const maxAgeSeconds = 30;

export const keyRoutes = (keyring: Keyring): SiteImplementation[] => [
  implementSite(keys.jwks, async ({ reply }) => {
    reply.header('cache-control', `public, max-age=${maxAgeSeconds}`);
    return { keys: [...keyring.current()] };
  }),
];

/** Read anew: who asks has met a key that it does not know, and must not be told of one that was revoked meanwhile. */
export const keySetRoutes = (keyring: Keyring): SiteImplementation[] => [
  implementSite(keySet.get, async ({ reply }) => {
    await keyring.load();
    reply.header('cache-control', 'no-store');
    return { keys: [...keyring.current()] };
  }),
];
