import type { PermissionCode } from '@platen/schema/permissions';
import { bitsOf, bitsOfCodes, includesAll, type PermissionBits } from './bits.js';
import { type Access, mayHandOn } from './compile-access.js';

/**
 * Nobody gives what they do not hold where it would hold, or for longer than they hold it, and nobody takes what they do
 * not hold. `own` is the caller's access everywhere in the reach of the change. Services refuse by these rules
 * (`grant_exceeds_own`), the preview tells of them.
 */

const holds = (own: Access, permission: PermissionCode) => includesAll(own.bits, bitsOfCodes([permission]));

export const mayGiveRole = (own: Access, role: PermissionBits, untilMs: number | null): boolean =>
  holds(own, 'admin.user_role.create') && mayHandOn(own, role, untilMs);

export const mayTakeRole = (own: Access, role: PermissionBits): boolean =>
  holds(own, 'admin.user_role.delete') && includesAll(own.bits, role);

/** `own` at tenant scope: a role may be given anywhere. A new role has nobody yet, and one that goes has nobody any more. */
export const mayMakeOrDropRole = (own: Access, role: PermissionBits): boolean =>
  holds(own, 'admin.role.write') && includesAll(own.bits, role);

/** What is added reaches everybody with the role, for good; what stays is not the caller's doing. */
export function mayEditRole(own: Access, before: PermissionBits, after: PermissionBits): boolean {
  const added = after.map((byte, index) => byte & ~(before[index] ?? 0));
  const removed = before.map((byte, index) => byte & ~(after[index] ?? 0));
  if (!holds(own, 'admin.role.write') || !includesAll(own.bits, removed)) return false;
  return added.every((byte) => byte === 0) || mayHandOn(own, added, null);
}

export interface OverrideRule {
  readonly bit: number;
  readonly effect: 'allow' | 'deny';
  readonly expiresAtMs: number | null;
}

/** To deny is to take: only what one holds oneself. */
export function mayOverride(own: Access, override: OverrideRule): boolean {
  if (!holds(own, 'admin.permission_override.write')) return false;
  const wanted = bitsOf([override.bit]);
  return override.effect === 'allow' ? mayHandOn(own, wanted, override.expiresAtMs) : includesAll(own.bits, wanted);
}

/** Without the allowance the user has less; without the denial they have again what it kept from them, until it would have ended. */
export const mayDropOverride = (own: Access, override: OverrideRule): boolean =>
  mayOverride(own, { ...override, effect: override.effect === 'allow' ? 'deny' : 'allow' });
