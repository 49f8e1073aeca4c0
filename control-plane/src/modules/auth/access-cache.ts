import type { Context, Identity } from '../access/index.js';
import type { Organization } from '../context/index.js';
import type { SignInState } from './repo.js';

/** What a decision on somebody's access in one context rests on: the part of what is known of them that only epochs change. */
export interface Grounds extends Pick<Identity, 'assignments' | 'overrides' | 'rolePermissions'> {
  /** The context's organization, and of its workspaces the context's own: as far as it was open. */
  readonly place: Organization;
}

interface Entry {
  readonly epochs: Identity['epochs'];
  readonly readAtMs: number;
  readonly identity: Pick<Identity, 'assignments' | 'overrides' | 'rolePermissions'>;
  readonly places: Map<string, Organization>;
}

export interface AccessCache {
  /** Of exactly these epochs, or undefined. */
  find(
    tenantId: string,
    userId: string,
    epochs: Identity['epochs'],
    context: Context,
    nowMs: number,
  ): Grounds | undefined;
  keep(tenantId: string, state: SignInState, context: Context, nowMs: number): void;
}

/** About a kilobyte each. */
const maxEntries = 20_000;
/** Of somebody with a session in each; more are read again. */
const maxPlaces = 8;
/** A bound for what somebody changed by hand without raising an epoch: tokens live as long. */
const ttlMs = 15 * 60_000;

/** An id that two tenants had would be two people. */
const userKey = (tenantId: string, userId: string) => `${tenantId} ${userId}`;
const placeKey = ({ organizationId, workspaceId }: Context) => `${organizationId} ${workspaceId}`;

/**
 * Roles, overrides, permissions and places of those who refresh: read again when an epoch has moved. Every change of
 * them that takes something away raises one in its own transaction, and the epochs to compare with come from the database
 * with each refresh, so nothing here allows what a reading would refuse.
 */
export function createAccessCache(): AccessCache {
  // The order of insertion is the order of age: what is kept anew goes to the end.
  const byUser = new Map<string, Entry>();

  function current(key: string, epochs: Identity['epochs'], nowMs: number): Entry | undefined {
    const entry = byUser.get(key);
    if (entry === undefined || entry.epochs[0] !== epochs[0] || entry.epochs[1] !== epochs[1]) return undefined;
    return nowMs - entry.readAtMs < ttlMs ? entry : undefined;
  }

  return {
    find(tenantId, userId, epochs, context, nowMs) {
      const entry = current(userKey(tenantId, userId), epochs, nowMs);
      const place = entry?.places.get(placeKey(context));
      return entry === undefined || place === undefined ? undefined : { ...entry.identity, place };
    },
    keep(tenantId, { identity, organizations }, context, nowMs) {
      const { user, epochs, assignments, overrides, rolePermissions } = identity;
      const organization = organizations.find(({ id }) => id === context.organizationId);
      if (organization === undefined) return;
      const key = userKey(tenantId, user.id);
      const places = current(key, epochs, nowMs)?.places ?? new Map<string, Organization>();
      if (places.size >= maxPlaces) places.clear();
      const workspaces = organization.workspaces.filter(({ id }) => id === context.workspaceId);
      places.set(placeKey(context), { ...organization, workspaces });
      byUser.delete(key);
      byUser.set(key, { epochs, readAtMs: nowMs, identity: { assignments, overrides, rolePermissions }, places });
      if (byUser.size <= maxEntries) return;
      const [oldest] = byUser.keys();
      if (oldest !== undefined) byUser.delete(oldest);
    },
  };
}
