import { bitsOf, type Context, compileAccess, type PermissionBits } from '../access/index.js';
import { isReachable, listReachable, type Organization } from '../context/index.js';
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
  return before.subjects.flatMap((subject) => {
    const changed = later.get(subject.id) ?? subject;
    // Nothing that decides about them is another than before.
    if (changed === subject && subject.assignments.every(({ roleId }) => same(rolesBefore, rolesAfter, roleId)))
      return [];
    const differences = compareSubject(
      { subject, rolePermissions: rolesBefore },
      { subject: changed, rolePermissions: rolesAfter },
      { organizations: before.organizations, nowMs },
    );
    return differences.length === 0 ? [] : [{ subject, differences }];
  });
}

const same = (before: Map<string, PermissionBits>, after: Map<string, PermissionBits>, roleId: string) =>
  before.get(roleId) === after.get(roleId);

interface State {
  readonly subject: Subject;
  readonly rolePermissions: ReadonlyMap<string, PermissionBits>;
}
interface Surroundings {
  readonly organizations: readonly Organization[];
  readonly nowMs: number;
}

function compareSubject(before: State, after: State, { organizations, nowMs }: Surroundings): Difference[] {
  const reach = (state: State) => listReachable(organizations, state.subject.assignments, nowMs);
  const [reachBefore, reachAfter] = [reach(before), reach(after)];
  const found = new Map<string, { gains: PermissionBits; loses: PermissionBits; contexts: Context[] }>();
  // Places that no row names are alike: each kind of them is compiled once, however many there are.
  const named = namedPlaces([before, after]);
  const compiled = new Map<string, PermissionBits>();
  const bitsIn = (state: State, which: string, context: Context, reachable: boolean): PermissionBits => {
    if (!reachable) return nothing;
    const key = `${which} ${kindOf(context.organizationId, named)} ${kindOf(context.workspaceId, named)}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const { bits } = compileAccess({ ...state.subject, rolePermissions: state.rolePermissions, context, nowMs });
    compiled.set(key, bits);
    return bits;
  };
  for (const context of contextsOf(organizations)) {
    const isNone = context.organizationId === null;
    const had = bitsIn(before, 'before', context, isNone || isReachable(reachBefore, context));
    const has = bitsIn(after, 'after', context, isNone || isReachable(reachAfter, context));
    const gains = minus(has, had);
    const loses = minus(had, has);
    if (isEmpty(gains) && isEmpty(loses)) continue;
    const key = `${gains} ${loses}`;
    const group = found.get(key) ?? { gains, loses, contexts: [] };
    group.contexts.push(context);
    found.set(key, group);
  }
  return [...found.values()];
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
