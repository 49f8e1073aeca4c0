import { implementPlatform } from '@platen/chassis/http/implement';
import type { PlatformImplementation } from '@platen/chassis/http/types';
import { databases, dataPlanes } from '@platen/schema/contracts/platform/data-planes';
import { describeDatabases, describeInstances } from './service.js';

export const dataPlaneRoutes = (): PlatformImplementation[] => [
  implementPlatform(dataPlanes.list, async ({ ctx }) => ({ items: await describeInstances(ctx) })),
  implementPlatform(databases.list, async ({ ctx }) => ({ items: await describeDatabases(ctx) })),
];
