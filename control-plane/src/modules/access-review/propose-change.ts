import type { ErrorCode } from '@platen/schema/errors';
import {
  type Access,
  type Assignment,
  bitsOf,
  isAdministrator,
  mayDropOverride,
  mayEditRole,
  mayGiveRole,
  mayMakeOrDropRole,
  mayOverride,
  mayTakeRole,
  type PermissionBits,
  type Reach,
} from '../access/index.js';
import { bitsOfRoles, type Subject, type World } from './world.js';

/** What somebody thinks of doing; the contract's body, read. */
export type Change =
  | { readonly kind: 'role_create'; readonly code: string; readonly bits: PermissionBits }
  | { readonly kind: 'role_update'; readonly id: string; readonly bits: PermissionBits | null }
  | { readonly kind: 'role_delete'; readonly id: string }
  | { readonly kind: 'user_role_create'; readonly userId: string; readonly row: Assignment }
  | { readonly kind: 'user_role_delete'; readonly id: string }
  | {
      readonly kind: 'permission_override_create';
      readonly userId: string;
      readonly row: Omit<Subject['overrides'][number], 'id' | 'reason'>;
    }
  | { readonly kind: 'permission_override_delete'; readonly id: string };

export type ProblemCode = Extract<
  ErrorCode,
  'grant_exceeds_own' | 'last_admin' | 'system_role' | 'in_use' | 'duplicate' | 'not_found' | 'unknown_reference'
>;
export interface Proposal {
  readonly after: World;
  readonly problems: readonly ProblemCode[];
}

/**
 * The world as the change would leave it, and for what the change itself would be refused: by the same rules, in a
 * world read beforehand. `own`: the caller's access everywhere in the reach of the change.
 */
export function proposeChange(world: World, change: Change, own: Access, nowMs: number): Proposal {
  const { after, problems } = apply(world, change, own, nowMs);
  if (!hasAdministrator(world, nowMs) || hasAdministrator(after, nowMs)) return { after, problems };
  return { after, problems: [...problems, 'last_admin'] };
}

const hasAdministrator = ({ subjects, roles }: World, nowMs: number): boolean => {
  const rolePermissions = bitsOfRoles(roles);
  return subjects.some(
    (subject) =>
      subject.kind === 'user' &&
      isAdministrator({ user: { status: subject.status }, ...subject, rolePermissions }, nowMs),
  );
};

function apply(world: World, change: Change, own: Access, nowMs: number): Proposal {
  switch (change.kind) {
    case 'role_create': {
      const isTaken = Array.from(world.roles.values()).some((role) => !role.system && role.code === change.code);
      return {
        after: world,
        problems: [...exceeds(mayMakeOrDropRole(own, change.bits)), ...(isTaken ? duplicate : [])],
      };
    }
    case 'role_update':
    case 'role_delete':
      return applyToRole(world, change, own, nowMs);
    case 'user_role_create': {
      const role = world.roles.get(change.row.roleId);
      const subject = world.subjects.find(({ id }) => id === change.userId);
      if (role === undefined || subject === undefined) return refused(world, 'unknown_reference');
      const { row } = change;
      const isDouble = subject.assignments.some(
        (other) => other.roleId === row.roleId && samePlace(other, row) && !isOver(other, nowMs),
      );
      const assignments = [...subject.assignments, { ...row, id: '' }];
      const problems = [...exceeds(mayGiveRole(own, role.bits, row.expiresAtMs)), ...(isDouble ? duplicate : [])];
      return { after: withSubject(world, { ...subject, assignments }), problems };
    }
    case 'user_role_delete': {
      const subject = world.subjects.find(({ assignments }) => assignments.some(({ id }) => id === change.id));
      const row = subject?.assignments.find(({ id }) => id === change.id);
      if (subject === undefined || row === undefined) return refused(world, 'not_found');
      const assignments = subject.assignments.filter((other) => other !== row);
      const problems = exceeds(mayTakeRole(own, world.roles.get(row.roleId)?.bits ?? bitsOf([])));
      return { after: withSubject(world, { ...subject, assignments }), problems };
    }
    case 'permission_override_create': {
      const subject = world.subjects.find(({ id }) => id === change.userId);
      if (subject === undefined) return refused(world, 'unknown_reference');
      const { row } = change;
      const isDouble = subject.overrides.some(
        (other) =>
          other.bit === row.bit && other.effect === row.effect && samePlace(other, row) && !isOver(other, nowMs),
      );
      const overrides = [...subject.overrides, { ...row, id: '', reason: '' }];
      const problems = [...exceeds(mayOverride(own, row)), ...(isDouble ? duplicate : [])];
      return { after: withSubject(world, { ...subject, overrides }), problems };
    }
    case 'permission_override_delete': {
      const subject = world.subjects.find(({ overrides }) => overrides.some(({ id }) => id === change.id));
      const row = subject?.overrides.find(({ id }) => id === change.id);
      if (subject === undefined || row === undefined) return refused(world, 'not_found');
      const overrides = subject.overrides.filter((other) => other !== row);
      return { after: withSubject(world, { ...subject, overrides }), problems: exceeds(mayDropOverride(own, row)) };
    }
  }
}

type RoleChange = Extract<Change, { kind: 'role_update' | 'role_delete' }>;

function applyToRole(world: World, change: RoleChange, own: Access, nowMs: number): Proposal {
  const role = world.roles.get(change.id);
  if (role === undefined) return refused(world, 'not_found');
  if (role.system) return refused(world, 'system_role');
  const roles = new Map(world.roles);
  if (change.kind === 'role_update') {
    const bits = change.bits ?? role.bits;
    roles.set(role.id, { ...role, bits });
    const isSame = bits.every((byte, index) => byte === role.bits[index]);
    return { after: { ...world, roles }, problems: isSame ? [] : exceeds(mayEditRole(own, role.bits, bits)) };
  }
  roles.delete(role.id);
  const holds = (row: Assignment) => row.roleId === role.id && !isOver(row, nowMs);
  const isUsed = world.invitationCount > 0 || world.subjects.some(({ assignments }) => assignments.some(holds));
  const subjects = world.subjects.map((subject) =>
    subject.assignments.some(({ roleId }) => roleId === role.id)
      ? { ...subject, assignments: subject.assignments.filter(({ roleId }) => roleId !== role.id) }
      : subject,
  );
  const problems = [...exceeds(mayMakeOrDropRole(own, role.bits)), ...(isUsed ? (['in_use'] as const) : [])];
  return { after: { ...world, roles, subjects }, problems };
}

const duplicate: readonly ProblemCode[] = ['duplicate'];
const exceeds = (may: boolean): readonly ProblemCode[] => (may ? [] : ['grant_exceeds_own']);
const refused = (world: World, problem: ProblemCode): Proposal => ({ after: world, problems: [problem] });
const isOver = ({ expiresAtMs }: { readonly expiresAtMs: number | null }, nowMs: number) =>
  expiresAtMs !== null && expiresAtMs <= nowMs;
const samePlace = (a: Reach, b: Reach) => a.organizationId === b.organizationId && a.workspaceId === b.workspaceId;
const withSubject = (world: World, changed: Subject): World => ({
  ...world,
  subjects: world.subjects.map((subject) => (subject.id === changed.id ? changed : subject)),
});
