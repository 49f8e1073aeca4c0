import { type Fields, isSame } from './merge.js';

export interface Restored {
  /** Fields that go back, with the values that they had. */
  readonly fields: Fields;
  /** Fields that somebody has changed since: they stay. */
  readonly kept: readonly string[];
}

/** What of a row's changes can be taken back: where ours is still what the row made it. A group is one. */
export function restorable(
  { before, after }: { readonly before: Fields; readonly after: Fields },
  ours: Fields,
  groups: readonly (readonly string[])[] = [],
): Restored {
  const changed = Object.keys(before).filter((name) => !isSame(before[name], after[name]));
  const groupOf = (name: string) => groups.find((group) => group.includes(name)) ?? [name];
  const isKept = (name: string) => groupOf(name).some((each) => each in after && !isSame(ours[each], after[each]));
  const back = changed.filter((name) => !isKept(name));
  return {
    fields: Object.fromEntries(back.map((name) => [name, before[name]])),
    kept: changed.filter((name) => isKept(name)),
  };
}

export const keptError = (kept: readonly string[]) =>
  kept.length === 0
    ? null
    : { code: 'changed_since', message: `Changed here since, and left: ${kept.join(', ')}`.slice(0, 500) };
