import type { OutputOf } from '@platen/schema/contract';
import type { menu } from '@platen/schema/contracts/control/menu';
import type { ModuleDecision } from '../availability/index.js';
import type { MenuItem } from './repo.js';

type MenuEntry = OutputOf<typeof menu.get>['items'][number];
type MenuLink = MenuEntry['children'][number];

export interface Viewer {
  readonly holds: (permission: string) => boolean;
  /** By module; one that is not there is of no tenant. */
  readonly decisions: ReadonlyMap<string, ModuleDecision>;
}

export interface BuiltMenu {
  readonly items: MenuEntry[];
  /** When the first decision that it rests on turns; null: never. Milliseconds since the epoch. */
  readonly turnsAtMs: number | null;
}

/**
 * What one caller sees of the entries, in their order: what they have no permission for is left out, what the tenant
 * lacks is blocked or left out, what the installation lacks is left out, and so is a heading with nothing under it.
 */
export function buildMenu(items: readonly MenuItem[], viewer: Viewer): BuiltMenu {
  let turnsAtMs = Number.POSITIVE_INFINITY;
  const show = (item: MenuItem): MenuLink | null => {
    if (item.permission !== null && !viewer.holds(item.permission)) return null;
    const decision = viewer.decisions.get(item.module);
    if (decision === undefined || decision.decidedBy === 'feature_flag') return null;
    const turnMs = decision.available ? decision.validUntilMs : decision.availableFromMs;
    turnsAtMs = Math.min(turnsAtMs, turnMs ?? Number.POSITIVE_INFINITY);
    if (!decision.available && !item.upsell) return null;
    return linkOf(item, decision.available ? null : decision.decidedBy);
  };
  const entries = items
    .filter(({ parent }) => parent === null)
    .flatMap((item): MenuEntry[] => {
      const children = items.filter(({ parent }) => parent === item.code).flatMap((child) => show(child) ?? []);
      // A heading leads nowhere itself: its links decide.
      const link = item.route === null ? (children.length > 0 ? linkOf(item, null) : null) : show(item);
      return link === null ? [] : [{ ...link, children }];
    });
  return { items: entries, turnsAtMs: Number.isFinite(turnsAtMs) ? turnsAtMs : null };
}

const linkOf = (item: MenuItem, blockedBy: MenuLink['blocked_by']): MenuLink => ({
  code: item.code,
  label: item.label,
  route: item.route,
  icon: item.icon,
  module: item.module,
  blocked: blockedBy !== null,
  blocked_by: blockedBy,
});
