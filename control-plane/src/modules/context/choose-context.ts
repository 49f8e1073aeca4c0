import { AppError } from '@platen/chassis/http/app-error';
import type { StoreRef, TenantRef } from '@platen/chassis/http/types';
import type { Assignment, Context } from '../access/index.js';

export interface Workspace {
  readonly id: string;
  readonly code: string;
  readonly name: string;
}
export interface Organization {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly workspaceRequired: boolean;
  readonly workspaces: readonly Workspace[];
}
/** An organization as far as one user may enter it. */
export interface ReachableOrganization extends Organization {
  /** May they work in the organization as a whole? */
  readonly organizationWide: boolean;
}

export const noContext: Context = { organizationId: null, workspaceId: null };

/** Which organizations and workspaces the user's roles reach. Overrides open no door: they change what is held inside. */
export function listReachable(
  organizations: readonly Organization[],
  assignments: readonly Assignment[],
  nowMs: number,
): ReachableOrganization[] {
  const current = assignments.filter((row) => row.expiresAtMs === null || row.expiresAtMs > nowMs);
  const everywhere = current.some((row) => row.scope === 'tenant');
  return organizations.flatMap((organization) => {
    const inside = current.filter((row) => row.organizationId === organization.id);
    const whole = everywhere || inside.some((row) => row.scope === 'organization');
    const workspaces = whole
      ? organization.workspaces
      : organization.workspaces.filter((workspace) => inside.some((row) => row.workspaceId === workspace.id));
    if (!whole && workspaces.length === 0) return [];
    return [{ ...organization, workspaces, organizationWide: whole && !organization.workspaceRequired }];
  });
}

/** Is it one of the contexts that may be chosen? */
export function isReachable(reachable: readonly ReachableOrganization[], context: Context): boolean {
  const organization = reachable.find((candidate) => candidate.id === context.organizationId);
  if (organization === undefined) return false;
  if (context.workspaceId === null) return organization.organizationWide;
  return organization.workspaces.some((workspace) => workspace.id === context.workspaceId);
}

/** The wished-for context if it may be had, else the only one there is, else none. */
export function chooseContext(reachable: readonly ReachableOrganization[], wishes: readonly Context[]): Context {
  const wish = wishes.find((context) => isReachable(reachable, context));
  if (wish !== undefined) return wish;
  const choices = reachable.flatMap((organization): Context[] => [
    ...(organization.organizationWide ? [{ organizationId: organization.id, workspaceId: null }] : []),
    ...organization.workspaces.map((workspace) => ({ organizationId: organization.id, workspaceId: workspace.id })),
  ]);
  const [only] = choices;
  return choices.length === 1 && only !== undefined ? only : noContext;
}

/** At a store's host nothing else of the tenant is in reach. */
export function withinStore(
  reachable: readonly ReachableOrganization[],
  store: StoreRef | null | undefined,
): readonly ReachableOrganization[] {
  if (store == null) return reachable;
  const { organizationId, workspaceId } = store;
  return reachable.flatMap((organization) => {
    if (organization.id !== organizationId) return [];
    if (workspaceId === null) return [organization];
    const workspaces = organization.workspaces.filter(({ id }) => id === workspaceId);
    return workspaces.length === 0 ? [] : [{ ...organization, workspaces, organizationWide: false }];
  });
}

/**
 * As `chooseContext`, at the host that was asked: a store's gives its own context, or nothing.
 * @throws AppError context_not_allowed: the user has no access to what the store stands for
 */
export function chooseContextAt(
  { store }: Pick<TenantRef, 'store'>,
  reachable: readonly ReachableOrganization[],
  wishes: readonly Context[],
): Context {
  if (store == null) return chooseContext(reachable, wishes);
  const inside = withinStore(reachable, store);
  if (inside.length === 0) throw new AppError('context_not_allowed');
  return chooseContext(inside, [...wishes, { organizationId: store.organizationId, workspaceId: store.workspaceId }]);
}
