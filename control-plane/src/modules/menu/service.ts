import { AccessToken } from '@platen/chassis/auth/principals';
import type { Cache } from '@platen/chassis/cache/cache';
import { AppError } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import type { OutputOf } from '@platen/schema/contract';
import type { menu } from '@platen/schema/contracts/control/menu';
import { type PermissionCode, permissions } from '@platen/schema/permissions';
import { decideRow, type IsFeatureEnabled, listModules } from '../availability/index.js';
import { buildMenu } from './build-menu.js';
import { findMenuVersion, listMenuItems, type MenuItem } from './repo.js';

export interface MenuService {
  getMenu(ctx: Ctx): Promise<OutputOf<typeof menu.get>>;
}

export interface MenuDeps {
  readonly isFeatureEnabled: IsFeatureEnabled;
  readonly cache: Cache;
}

/** Whatever else may change (a role, a module, a release) is seen after this long at the latest. */
const maxTtlSeconds = 300;
const itemsTtlMs = 3_600_000;

export function createMenuService({ isFeatureEnabled, cache }: MenuDeps): MenuService {
  // The key names the version, so an entry is never out of date.
  const entries = cache.space('menu-items', { nearTtlMs: itemsTtlMs });

  async function readItems(ctx: Ctx, version: string): Promise<MenuItem[]> {
    const cached = await entries.get(ctx.tenant.id, version);
    const text = cached ?? (await listMenuItems(ctx.db));
    if (cached === undefined) await entries.set(ctx.tenant.id, version, text, itemsTtlMs);
    // The shape is that of the statement's own JSON.
    return JSON.parse(text) as MenuItem[];
  }

  return {
    /**
     * What the tenant has is read from the database each time, and what the caller holds is in the token, which a change
     * makes stale: so it is right at once after any change.
     */
    async getMenu(ctx) {
      const { principal } = ctx;
      if (!(principal instanceof AccessToken)) throw new AppError('authentication_required');
      const nowMs = ctx.now().getTime();
      const [version, rows] = await Promise.all([findMenuVersion(ctx.db), listModules(ctx.db, ctx.tenant.id)]);
      if (rows === undefined) throw new AppError('tenant_not_found');
      const built = buildMenu(await readItems(ctx, version), {
        // A permission that only a newer release knows is held by nobody here.
        holds: (permission) => permission in permissions && principal.has(permission as PermissionCode),
        decisions: new Map(rows.map((row) => [row.code, decideRow(row, isFeatureEnabled, nowMs)])),
      });
      // The token ends no later than the first role or override that it rests on, and so does the menu.
      const endsMs = Math.min(principal.claims.exp * 1000, built.turnsAtMs ?? Number.POSITIVE_INFINITY);
      const ttlSeconds = Math.min(maxTtlSeconds, Math.floor((endsMs - nowMs) / 1000));
      return { items: built.items, cache_ttl_seconds: Math.max(0, ttlSeconds) };
    },
  };
}
