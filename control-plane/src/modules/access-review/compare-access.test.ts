import fc from 'fast-check';
import t from 'tap';
import { bitsOf, codesOf, compileAccess, type PermissionBits } from '../access/index.js';
import { isReachable, listReachable } from '../context/index.js';
import { compareWorlds, contextsOf } from './compare-access.js';
import { type Change, proposeChange } from './propose-change.js';
import { bitsOfRoles, type World } from './world.js';
import {
  bitSets,
  nowMs,
  organizations,
  overrideRows,
  placedRows,
  roleIds,
  someBits,
  worlds,
} from './worlds.fixture.js';

/** Codes that each user has in each context that they can be in, one compilation for each, as a token would say. */
function obvious(world: World): Map<string, Set<string>> {
  const rolePermissions = bitsOfRoles(world.roles);
  const held = new Map<string, Set<string>>();
  for (const subject of world.subjects) {
    const reachable = listReachable(organizations, subject.assignments, nowMs);
    for (const context of contextsOf(organizations)) {
      const may = context.organizationId === null || isReachable(reachable, context);
      const { bits } = compileAccess({ ...subject, rolePermissions, context, nowMs });
      const key = `${subject.id} ${context.organizationId} ${context.workspaceId}`;
      held.set(key, new Set<string>(may ? codesOf(bits) : []));
    }
  }
  return held;
}

const everything = { bits: bitsOf(someBits), expiresAtMs: null };
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constantFrom(...roleIds), bitSets).map(([id, bits]): Change => ({ kind: 'role_update', id, bits })),
  fc.constantFrom(...roleIds).map((id): Change => ({ kind: 'role_delete', id })),
  fc
    .tuple(placedRows, fc.constantFrom(...roleIds, 'none'))
    .map(([placed, roleId]): Change => ({ kind: 'user_role_create', userId: 'u0', row: { ...placed, roleId } })),
  fc.constantFrom('u0-a0', 'u1-a1', 'none').map((id): Change => ({ kind: 'user_role_delete', id })),
  overrideRows.map((row): Change => ({ kind: 'permission_override_create', userId: 'u0', row })),
  fc.constantFrom('u0-o0', 'u1-o1', 'none').map((id): Change => ({ kind: 'permission_override_delete', id })),
);

const flat = (bits: PermissionBits) => codesOf(bits).join();
const joined = (codes: Iterable<string>) => [...codes].sort().join();
const sorted = (text: string) => joined(text.split(',').filter((code) => code !== ''));

t.test('the difference is what is held after without what is held before', async (t) => {
  let differing = 0;
  fc.assert(
    fc.property(worlds, changes, (world, change) => {
      const { after } = proposeChange(world, change, everything, nowMs);
      const told = new Map<string, string>();
      for (const { subject, differences } of compareWorlds(world, after, nowMs)) {
        for (const { gains, loses, contexts } of differences) {
          for (const { organizationId, workspaceId } of contexts) {
            told.set(
              `${subject.id} ${organizationId} ${workspaceId}`,
              `${sorted(flat(gains))} / ${sorted(flat(loses))}`,
            );
          }
        }
      }
      const [had, has] = [obvious(world), obvious(after)];
      const expected = new Map<string, string>();
      for (const [key, before] of had) {
        const later = has.get(key) ?? new Set();
        const gains = joined([...later].filter((code) => !before.has(code)));
        const loses = joined([...before].filter((code) => !later.has(code)));
        if (gains !== '' || loses !== '') expected.set(key, `${gains} / ${loses}`);
      }
      differing += expected.size;
      return expected.size === told.size && [...expected].every(([key, value]) => told.get(key) === value);
    }),
    { numRuns: 4000 },
  );
  t.ok(differing > 1000, `${differing} differences`);
});

/** One person alone administers each, by one role: many a change takes that away. */
const loneAdministrators = worlds.map((world): World => {
  const held = world.roles.get('r1');
  if (held === undefined) throw new Error('a world without the role');
  const place = { scope: 'tenant', organizationId: null, workspaceId: null, expiresAtMs: null } as const;
  return {
    ...world,
    roles: new Map([...world.roles, ['r1', { ...held, bits: bitsOf(someBits) }]]),
    subjects: world.subjects.map((subject, index) =>
      index > 0
        ? { ...subject, status: 'disabled' }
        : { ...subject, status: 'active', overrides: [], assignments: [{ ...place, id: 'u0-a0', roleId: 'r1' }] },
    ),
  };
});

t.test('whatever leaves nobody who administers for good is told', async (t) => {
  // As plain as it can be said: both permissions by roles or allowances that last and hold everywhere, denied nowhere.
  const administers = (world: World) =>
    world.subjects.some(
      ({ status, assignments, overrides }) =>
        status === 'active' &&
        someBits.slice(0, 2).every((bit) => {
          const roles = assignments.some(
            (row) =>
              row.scope === 'tenant' &&
              row.expiresAtMs === null &&
              codesOf(world.roles.get(row.roleId)?.bits ?? bitsOf([])).some((code) =>
                codesOf(bitsOf([bit])).includes(code),
              ),
          );
          const allowed = overrides.some(
            (row) => row.bit === bit && row.effect === 'allow' && row.scope === 'tenant' && row.expiresAtMs === null,
          );
          const denied = overrides.some(
            (row) => row.bit === bit && row.effect === 'deny' && (row.expiresAtMs === null || row.expiresAtMs > nowMs),
          );
          return (roles || allowed) && !denied;
        }),
    );
  let last = 0;
  fc.assert(
    fc.property(fc.oneof(worlds, loneAdministrators), changes, (world, change) => {
      const { after, problems } = proposeChange(world, change, everything, nowMs);
      const isLast = administers(world) && !administers(after);
      if (isLast) last += 1;
      return problems.includes('last_admin') === isLast;
    }),
    { numRuns: 10_000 },
  );
  t.ok(last > 100, `${last} worlds lost their last administrator`);
});

t.test('what exceeds the caller, a system role and what is not there are told', async (t) => {
  const [world] = fc.sample(worlds, { numRuns: 1, seed: 1 });
  if (world === undefined) throw new Error('no world');
  const nobody = { bits: bitsOf([]), expiresAtMs: null };
  const told = (change: Change) => proposeChange(world, change, nobody, nowMs).problems;
  t.same(told({ kind: 'role_delete', id: 's1' }), ['system_role']);
  t.same(told({ kind: 'role_delete', id: 'none' }), ['not_found']);
  t.same(told({ kind: 'role_create', code: 'new', bits: bitsOf([someBits[3] ?? 0]) }), ['grant_exceeds_own']);
  t.same(told({ kind: 'role_create', code: 'r1', bits: bitsOf([]) }), ['grant_exceeds_own', 'duplicate']);
  t.same(told({ kind: 'user_role_delete', id: 'none' }), ['not_found']);
});
