import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { signingKeys } from '@platen/schema/contracts/platform/signing-keys';
import type { KeyService } from './service.js';

export const signingKeyRoutes = (service: KeyService): PlatformImplementation[] => [
  implementPlatform(signingKeys.list, async ({ ctx }) => ({ items: await service.listKeys(ctx.db) })),
  implementPlatform(signingKeys.publish, async ({ ctx }) => service.publishKey(ctx, (work) => ctx.write(work))),
  implementPlatform(signingKeys.rotate, async ({ ctx }) => service.activateKey(ctx, (work) => ctx.write(work))),
  implementPlatform(signingKeys.revoke, async ({ ctx, params }) =>
    service.revokeKey(ctx, (work) => ctx.write(work), params.kid),
  ),
];
