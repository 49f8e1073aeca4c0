import type { Assignment, Context, Override, PermissionBits } from '../access/index.js';
import type { Organization } from '../context/index.js';

export interface WorldAssignment extends Assignment {
  readonly id: string;
}
export interface WorldOverride extends Override {
  readonly id: string;
  readonly reason: string;
}
export interface WorldRole {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly system: boolean;
  readonly bits: PermissionBits;
}
/** Somebody, or a machine, with everything that decides about them. */
export interface Subject {
  readonly kind: 'user' | 'api_key';
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly status: 'invited' | 'active' | 'disabled';
  readonly assignments: readonly WorldAssignment[];
  readonly overrides: readonly WorldOverride[];
}

/** As much of a tenant's access as a decision or a change touches, of one moment. */
export interface World {
  readonly tenantStatus: string;
  /** The active ones. */
  readonly organizations: readonly Organization[];
  readonly roles: ReadonlyMap<string, WorldRole>;
  readonly subjects: readonly Subject[];
  /** Open invitations to the role in question. */
  readonly invitationCount: number;
}

export const bitsOfRoles = (roles: ReadonlyMap<string, WorldRole>): Map<string, PermissionBits> =>
  new Map(Array.from(roles.values(), ({ id, bits }) => [id, bits]));

/** Is there such an organization, and such a workspace in it? */
export function hasPlace({ organizations }: World, { organizationId, workspaceId }: Context): boolean {
  if (organizationId === null) return true;
  const organization = organizations.find(({ id }) => id === organizationId);
  return (
    organization !== undefined && (workspaceId === null || organization.workspaces.some(({ id }) => id === workspaceId))
  );
}
