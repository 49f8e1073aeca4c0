import type { Identity } from '../access/index.js';

/** What a decision on somebody's access rests on, beside the context: the part of an identity that only epochs change. */
export type Grounds = Pick<Identity, 'assignments' | 'overrides' | 'rolePermissions'>;

interface Entry {
  readonly epochs: Identity['epochs'];
  readonly readAtMs: number;
  readonly grounds: Grounds;
}

export interface AccessCache {
  /** Of exactly these epochs, or undefined. */
  find(userId: string, epochs: Identity['epochs'], nowMs: number): Grounds | undefined;
  keep(identity: Identity, nowMs: number): void;
}

/** About half a kilobyte each. */
const maxEntries = 20_000;
/** A release that seeds other permissions into the system roles raises no epoch; tokens live as long. */
const ttlMs = 15 * 60_000;

/**
 * Roles, overrides and permissions of those who refresh: read again when an epoch has moved. Every change of them raises
 * one in its own transaction, and the epochs to compare with come from the database with each refresh, so nothing here
 * is older than what a reading would find.
 */
export function createAccessCache(): AccessCache {
  // The order of insertion is the order of age: what is kept anew goes to the end.
  const byUser = new Map<string, Entry>();
  return {
    find(userId, [tenantEpoch, userEpoch], nowMs) {
      const entry = byUser.get(userId);
      if (entry === undefined) return undefined;
      const isCurrent = entry.epochs[0] === tenantEpoch && entry.epochs[1] === userEpoch;
      return isCurrent && nowMs - entry.readAtMs < ttlMs ? entry.grounds : undefined;
    },
    keep({ user, epochs, assignments, overrides, rolePermissions }, nowMs) {
      byUser.delete(user.id);
      byUser.set(user.id, { epochs, readAtMs: nowMs, grounds: { assignments, overrides, rolePermissions } });
      if (byUser.size <= maxEntries) return;
      const [oldest] = byUser.keys();
      if (oldest !== undefined) byUser.delete(oldest);
    },
  };
}
