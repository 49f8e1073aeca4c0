import {
  type Contract,
  featureFlagOf,
  type PlatformRole,
  type RateClass,
  type ServiceScope,
  takesIdempotencyKey,
  takesIfMatch,
} from '@platen/schema/contract';
import type { ModuleCode } from '@platen/schema/modules';
import { type PermissionCode, permissions } from '@platen/schema/permissions';

/** What the server must know of a contract on every request, worked out once. */
export interface RoutePlan {
  readonly contract: Contract;
  readonly method: Contract['method'];
  /** The route's pattern, as logs and metrics show it. */
  readonly path: string;
  readonly access: 'public' | 'self' | 'permission' | 'service' | 'client_credentials' | 'platform' | 'platform_public';
  readonly permission: PermissionCode | null;
  readonly permissionBit: number;
  readonly module: ModuleCode | null;
  /** A device's own credential lets in as well. */
  readonly takesDevices: boolean;
  readonly featureFlag: string | null;
  readonly serviceScope: ServiceScope | null;
  readonly platformRole: PlatformRole | null;
  /** Administration of the tenant itself has no organization to choose. */
  readonly needsOrganization: boolean;
  readonly isWrite: boolean;
  readonly takesIdempotencyKey: boolean;
  readonly takesIfMatch: boolean;
  readonly makesCorrelationId: boolean;
  readonly rateClass: RateClass;
}

export function planRoute(contract: Contract): RoutePlan {
  const { access, method } = contract;
  const guarded = typeof access === 'object' && 'permission' in access ? access : null;
  const service = typeof access === 'object' && 'service' in access ? access.service : null;
  const isWrite = method !== 'GET';
  return {
    contract,
    method,
    path: contract.path,
    access: typeof access === 'string' ? access : accessKind(access),
    permission: guarded?.permission ?? null,
    permissionBit: guarded === null ? -1 : permissions[guarded.permission].bit,
    module: guarded?.module ?? null,
    takesDevices: guarded?.device === true,
    featureFlag: guarded === null ? null : (featureFlagOf(guarded.module) ?? null),
    serviceScope: service,
    platformRole: typeof access === 'object' && 'platform' in access ? access.platform : null,
    needsOrganization: guarded !== null && !guarded.permission.startsWith('admin.'),
    isWrite,
    takesIdempotencyKey: takesIdempotencyKey(contract),
    takesIfMatch: takesIfMatch(contract),
    makesCorrelationId: makesCorrelationId(contract),
    rateClass: contract.rateClass ?? (isWrite ? 'write' : 'read'),
  };
}

/** Where whoever asks can send no header. */
export const makesCorrelationId = ({ navigable, path }: Contract): boolean =>
  navigable === true || path.startsWith('/.well-known/');

function accessKind(access: Exclude<Contract['access'], string>): RoutePlan['access'] {
  if ('permission' in access) return 'permission';
  return 'platform' in access ? 'platform' : 'service';
}
