import { bitsOf, type Context, compileAccess, type PermissionBits } from '../access/index.js';
import { listReachable, type Organization } from '../context/index.js';
import { bitsOfRoles, type Subject, type World } from './world.js';

export interface Difference {
  readonly gains: PermissionBits;
  readonly loses: PermissionBits;
  readonly contexts: readonly Context[];
}
export interface SubjectDifference {
  readonly subject: Subject;
  readonly differences: readonly Difference[];
}

/**
 * Who has what after that they had not before, and the other way round, in every context that they can be in: what a
 * token would say. A context that nobody may choose gives nothing.
 */
export function compareWorlds(before: World, after: World, nowMs: number): SubjectDifference[] {
  const rolesBefore = bitsOfRoles(before.roles);
  const rolesAfter = bitsOfRoles(after.roles);
  const later = new Map(after.subjects.map((subject) => [subject.id, subject]));
  const known = new Map<string, Difference[]>();
  return before.subjects.flatMap((subject) => {
    const changed = later.get(subject.id) ?? subject;
    // Nothing that decides about them is another than before.
    if (changed === subject && subject.assignments.every(({ roleId }) => same(rolesBefore, rolesAfter, roleId)))
      return [];
    // Many have the same rows: what differs for one differs for all of them.
    const rows = JSON.stringify([subject, changed].map(rowsOf));
    const differences =
      known.get(rows) ??
      compareSubject(
        { subject, rolePermissions: rolesBefore },
        { subject: changed, rolePermissions: rolesAfter },
        { organizations: before.organizations, nowMs },
      );
    known.set(rows, differences);
    return differences.length === 0 ? [] : [{ subject, differences }];
  });
}

const same = (before: Map<string, PermissionBits>, after: Map<string, PermissionBits>, roleId: string) =>
  before.get(roleId) === after.get(roleId);

/** Everything that decides, without the rows' own ids. */
const rowsOf = ({ assignments, overrides }: Subject) => [
  assignments.map((row) => [row.roleId, row.scope, row.organizationId, row.workspaceId, row.expiresAtMs]),
  overrides.map((row) => [row.bit, row.effect, row.scope, row.organizationId, row.workspaceId, row.expiresAtMs]),
];

interface State {
  readonly subject: Subject;
  readonly rolePermissions: ReadonlyMap<string, PermissionBits>;
}
interface Surroundings {
  readonly organizations: readonly Organization[];
  readonly nowMs: number;
}

function compareSubject(before: State, after: State, { organizations, nowMs }: Surroundings): Difference[] {
  const reachedBefore = reachedBy(before, organizations, nowMs);
  const reachedAfter = reachedBy(after, organizations, nowMs);
  const bitsIn = ({ subject, rolePermissions }: State, context: Context, isReached: boolean): PermissionBits =>
    isReached ? compileAccess({ ...subject, rolePermissions, context, nowMs }).bits : nothing;
  // Places that no row names are alike: each kind of them is compiled once, however many there are.
  const named = namedPlaces([before, after]);
  const kinds = new Map<string, (Difference & { readonly contexts: Context[] }) | null>();
  const found = new Map<string, Difference & { readonly contexts: Context[] }>();
  for (const context of contextsOf(organizations)) {
    const place = placeOf(context);
    const had = reachedBefore.has(place);
    const has = reachedAfter.has(place);
    const kind = `${had} ${has} ${kindOf(context.organizationId, named)} ${kindOf(context.workspaceId, named)}`;
    let difference = kinds.get(kind);
    if (difference === undefined) {
      const bitsBefore = bitsIn(before, context, had);
      const bitsAfter = bitsIn(after, context, has);
      difference = differenceOf(bitsBefore, bitsAfter, found);
      kinds.set(kind, difference);
    }
    difference?.contexts.push(context);
  }
  return [...found.values()];
}

/** The one that is known already, if it is the same somewhere else; null: none. */
function differenceOf(
  before: PermissionBits,
  after: PermissionBits,
  found: Map<string, Difference & { readonly contexts: Context[] }>,
) {
  const gains = minus(after, before);
  const loses = minus(before, after);
  if (isEmpty(gains) && isEmpty(loses)) return null;
  const key = `${gains} ${loses}`;
  const difference = found.get(key) ?? { gains, loses, contexts: [] };
  found.set(key, difference);
  return difference;
}

const placeOf = ({ organizationId, workspaceId }: Context): string => `${organizationId} ${workspaceId}`;

/** The contexts that may be chosen, and none. */
function reachedBy({ subject }: State, organizations: readonly Organization[], nowMs: number): Set<string> {
  const places = listReachable(organizations, subject.assignments, nowMs).flatMap((organization) => [
    ...(organization.organizationWide ? [{ organizationId: organization.id, workspaceId: null }] : []),
    ...organization.workspaces.map(({ id }) => ({ organizationId: organization.id, workspaceId: id })),
  ]);
  return new Set([{ organizationId: null, workspaceId: null }, ...places].map(placeOf));
}

/** None, then each organization as a whole, then its workspaces. */
export const contextsOf = (organizations: readonly Organization[]): Context[] => [
  { organizationId: null, workspaceId: null },
  ...organizations.flatMap(({ id, workspaces }): Context[] => [
    { organizationId: id, workspaceId: null },
    ...workspaces.map((workspace) => ({ organizationId: id, workspaceId: workspace.id })),
  ]),
];

function namedPlaces(states: readonly State[]): Set<string> {
  const rows = states.flatMap(({ subject }) => [...subject.assignments, ...subject.overrides]);
  return new Set(rows.flatMap((row) => [row.organizationId ?? [], row.workspaceId ?? []].flat()));
}
const kindOf = (id: string | null, named: ReadonlySet<string>) => (id === null ? 'none' : named.has(id) ? id : 'other');

const nothing: PermissionBits = bitsOf([]);
const minus = (bits: PermissionBits, other: PermissionBits): PermissionBits =>
  bits.map((byte, index) => byte & ~(other[index] ?? 0));
const isEmpty = (bits: PermissionBits) => bits.every((byte) => byte === 0);
