import {
  addAll,
  addBit,
  emptyBits,
  includesAll,
  keepOnly,
  type PermissionBits,
  removeBit,
  tenantWideBits,
} from './bits.js';

export type Scope = 'tenant' | 'organization' | 'workspace';

interface Placed {
  readonly scope: Scope;
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  /** Milliseconds since the epoch; null: for good. */
  readonly expiresAtMs: number | null;
}
export interface Assignment extends Placed {
  readonly roleId: string;
}
export interface Override extends Placed {
  readonly bit: number;
  readonly effect: 'allow' | 'deny';
}

export interface Context {
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
}

export interface AccessInput {
  readonly assignments: readonly Assignment[];
  readonly overrides: readonly Override[];
  readonly rolePermissions: ReadonlyMap<string, PermissionBits>;
  readonly context: Context;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

export interface Access {
  readonly bits: PermissionBits;
  /** When the first role or override that this rests on ends; null: never. No token outlives it. */
  readonly expiresAtMs: number | null;
}

const scopes: readonly Scope[] = ['tenant', 'organization', 'workspace'];

/**
 * What a user may do in a context: the union of the roles that reach it, then the overrides from the widest scope to the
 * narrowest, deny after allow within one. Without an organization only permissions on the tenant itself are left.
 * Every decision on access in the product comes from here.
 */
export function compileAccess(input: AccessInput): Access {
  const { assignments, overrides, rolePermissions, context, nowMs } = input;
  const bits = emptyBits();
  let expiresAtMs = Number.POSITIVE_INFINITY;
  for (const assignment of assignments) {
    if (!holds(assignment, context, nowMs)) continue;
    const granted = rolePermissions.get(assignment.roleId);
    if (granted !== undefined) addAll(bits, granted);
    if (assignment.expiresAtMs !== null) expiresAtMs = Math.min(expiresAtMs, assignment.expiresAtMs);
  }
  if (overrides.length > 0) {
    for (const scope of scopes) {
      for (const effect of ['allow', 'deny'] as const) {
        for (const override of overrides) {
          if (override.scope !== scope || override.effect !== effect || !holds(override, context, nowMs)) continue;
          if (effect === 'allow') addBit(bits, override.bit);
          else removeBit(bits, override.bit);
          if (override.expiresAtMs !== null) expiresAtMs = Math.min(expiresAtMs, override.expiresAtMs);
        }
      }
    }
  }
  if (context.organizationId === null) keepOnly(bits, tenantWideBits);
  return { bits, expiresAtMs: expiresAtMs === Number.POSITIVE_INFINITY ? null : expiresAtMs };
}

const holds = (placed: Placed, context: Context, nowMs: number): boolean => misfitOf(placed, context, nowMs) === null;

/** Why a role or an override does not count in a context; null: it does. */
export function misfitOf(placed: Placed, context: Context, nowMs: number): 'expired' | 'elsewhere' | null {
  if (placed.expiresAtMs !== null && placed.expiresAtMs <= nowMs) return 'expired';
  if (placed.scope === 'tenant') return null;
  if (context.organizationId === null || placed.organizationId !== context.organizationId) return 'elsewhere';
  if (placed.scope === 'organization') return null;
  return placed.workspaceId !== null && placed.workspaceId === context.workspaceId ? null : 'elsewhere';
}

/** The order in which overrides are applied: sorts wide to narrow, and within a scope allowances before denials. */
export const inOrderOfApplication = (a: Override, b: Override): number =>
  scopes.indexOf(a.scope) - scopes.indexOf(b.scope) || a.effect.localeCompare(b.effect);

export interface Reach {
  readonly scope: Scope;
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
}

/**
 * What a user may do *everywhere* that a grant of this scope would reach, whatever the context: the ground on which they
 * may hand it on. A deny anywhere inside the reach counts against the whole, and so do roles that are held in parts of it only.
 */
export function compileReach(input: Omit<AccessInput, 'context'> & { readonly reach: Reach }): Access {
  const { assignments, overrides, rolePermissions, reach, nowMs } = input;
  const bits = emptyBits();
  let expiresAtMs = Number.POSITIVE_INFINITY;
  for (const assignment of assignments) {
    if (expired(assignment, nowMs) || !covers(assignment, reach)) continue;
    const granted = rolePermissions.get(assignment.roleId);
    if (granted !== undefined) addAll(bits, granted);
    if (assignment.expiresAtMs !== null) expiresAtMs = Math.min(expiresAtMs, assignment.expiresAtMs);
  }
  for (const scope of scopes) {
    for (const effect of ['allow', 'deny'] as const) {
      for (const override of overrides) {
        if (override.scope !== scope || override.effect !== effect || expired(override, nowMs)) continue;
        const around = covers(override, reach);
        if (effect === 'allow' && around) addBit(bits, override.bit);
        if (effect === 'deny' && (around || within(override, reach))) removeBit(bits, override.bit);
        if (around && override.expiresAtMs !== null) expiresAtMs = Math.min(expiresAtMs, override.expiresAtMs);
      }
    }
  }
  return { bits, expiresAtMs: expiresAtMs === Number.POSITIVE_INFINITY ? null : expiresAtMs };
}

const expired = (placed: Placed, nowMs: number) => placed.expiresAtMs !== null && placed.expiresAtMs <= nowMs;

/** Does something placed there hold at every place of the reach? */
function covers(placed: Placed, reach: Reach): boolean {
  if (placed.scope === 'tenant') return true;
  if (reach.scope === 'tenant' || placed.organizationId !== reach.organizationId) return false;
  return placed.scope === 'organization' || (reach.scope === 'workspace' && placed.workspaceId === reach.workspaceId);
}

/** Does something placed there hold at some place inside the reach? */
function within(placed: Placed, reach: Reach): boolean {
  if (reach.scope === 'tenant') return true;
  return (
    placed.organizationId === reach.organizationId &&
    (reach.scope === 'organization' || placed.workspaceId === reach.workspaceId)
  );
}

/** May someone with this access hand on `wanted` until `untilMs`? A temporary right is not made permanent by passing it on. */
export const mayHandOn = (own: Access, wanted: PermissionBits, untilMs: number | null): boolean =>
  includesAll(own.bits, wanted) && (own.expiresAtMs === null || (untilMs !== null && untilMs <= own.expiresAtMs));
