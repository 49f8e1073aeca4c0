import { hasPermissionBit } from '@platen/chassis/auth/permission-bits';
import {
  bitsOf,
  type Context,
  compileAccess,
  includesAll,
  inOrderOfApplication,
  misfitOf,
  tenantWideBits,
} from '../access/index.js';
import { bitsOfRoles, type Subject, type WorldAssignment, type WorldOverride, type WorldRole } from './world.js';

export interface AccessQuestion {
  readonly subject: Pick<Subject, 'assignments' | 'overrides'>;
  readonly roles: ReadonlyMap<string, WorldRole>;
  readonly context: Context;
  readonly bit: number;
  readonly nowMs: number;
}

type Applies = 'yes' | 'expired' | 'elsewhere';

export interface Explanation {
  readonly assignments: readonly {
    readonly row: WorldAssignment;
    readonly applies: Applies;
    readonly hasPermission: boolean;
  }[];
  readonly heldByRoles: boolean;
  readonly overrides: readonly {
    readonly row: WorldOverride;
    readonly applies: Applies;
    readonly heldAfter: boolean;
  }[];
  readonly held: boolean;
  readonly expiresAtMs: number | null;
}

/** The same decision as signing in makes, with the steps that lead to it. */
export function explainAccess(question: AccessQuestion): Explanation {
  const { subject, roles, context, bit, nowMs } = question;
  const assignments = subject.assignments.map((row) => ({
    row,
    applies: misfitOf(row, context, nowMs) ?? ('yes' as const),
    hasPermission: hasPermissionBit(roles.get(row.roleId)?.bits ?? bitsOf([]), bit),
  }));
  const heldByRoles = assignments.some(({ applies, hasPermission }) => applies === 'yes' && hasPermission);
  let heldAfter = heldByRoles;
  const overrides = subject.overrides
    .filter((row) => row.bit === bit)
    .sort(inOrderOfApplication)
    .map((row) => {
      const applies = misfitOf(row, context, nowMs) ?? ('yes' as const);
      if (applies === 'yes') heldAfter = row.effect === 'allow';
      return { row, applies, heldAfter };
    });
  return { assignments, heldByRoles, overrides, ...decide(question) };
}

/** Signing in's own function. */
export function decide({ subject, roles, context, bit, nowMs }: AccessQuestion): {
  readonly held: boolean;
  readonly expiresAtMs: number | null;
} {
  const { assignments, overrides } = subject;
  const { bits, expiresAtMs } = compileAccess({
    assignments,
    overrides,
    rolePermissions: bitsOfRoles(roles),
    context,
    nowMs,
  });
  return { held: hasPermissionBit(bits, bit), expiresAtMs };
}

/** Can the permission be held without an organization? */
export const isTenantWide = (bit: number): boolean => includesAll(tenantWideBits, bitsOf([bit]));
