import { bitsOf, compileReach, type Holder, includesAll } from '../access/index.js';

/**
 * Does the caller hold, wherever the other holds something, all of it? Locking somebody out takes what they hold, and
 * taking away their second factor opens the way to it.
 */
export function holdsAllOf(caller: Holder, other: Holder, nowMs: number): boolean {
  const isCurrent = (row: { readonly expiresAtMs: number | null }) =>
    row.expiresAtMs === null || row.expiresAtMs > nowMs;
  const grants = [
    ...other.assignments.flatMap((row) => {
      const bits = other.rolePermissions.get(row.roleId);
      return bits === undefined || !isCurrent(row) ? [] : [{ reach: row, bits }];
    }),
    ...other.overrides.flatMap((row) =>
      row.effect === 'allow' && isCurrent(row) ? [{ reach: row, bits: bitsOf([row.bit]) }] : [],
    ),
  ];
  return grants.every(({ reach, bits }) => includesAll(compileReach({ ...caller, reach, nowMs }).bits, bits));
}
