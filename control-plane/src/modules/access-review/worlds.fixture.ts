import { permissionCodes, permissions } from '@platen/schema/permissions';
import fc from 'fast-check';
import { bitsOf } from '../access/index.js';
import type { Subject, World, WorldAssignment, WorldOverride, WorldRole } from './world.js';

export const nowMs = 1_000_000;
const workspace = (id: string) => ({ id, code: id, name: id });
export const organizations = [
  {
    id: 'org-1',
    code: 'o1',
    name: 'One',
    workspaceRequired: false,
    workspaces: [workspace('ws-1'), workspace('ws-2'), workspace('ws-4')],
  },
  { id: 'org-2', code: 'o2', name: 'Two', workspaceRequired: true, workspaces: [workspace('ws-3')] },
  { id: 'org-3', code: 'o3', name: 'Three', workspaceRequired: false, workspaces: [] },
];

const places = fc.constantFrom<Pick<WorldAssignment, 'scope' | 'organizationId' | 'workspaceId'>>(
  { scope: 'tenant', organizationId: null, workspaceId: null },
  { scope: 'organization', organizationId: 'org-1', workspaceId: null },
  { scope: 'organization', organizationId: 'org-2', workspaceId: null },
  { scope: 'workspace', organizationId: 'org-1', workspaceId: 'ws-1' },
  { scope: 'workspace', organizationId: 'org-1', workspaceId: 'ws-2' },
  { scope: 'workspace', organizationId: 'org-2', workspaceId: 'ws-3' },
);
const ends = fc.option(fc.integer({ min: nowMs - 2, max: nowMs + 4 }), { nil: null });
// Few, so that rows meet: two of administration, one of the tenant's, two of the trade's.
export const someCodes = [
  'admin.user_role.create',
  'admin.user_role.delete',
  'admin.role.write',
  'erp.quote.read',
  'erp.quote.write',
] as const;
export const someBits = someCodes.map((code) => permissions[code].bit);
const bit = fc.constantFrom(...someBits);
export const roleIds = ['r1', 'r2', 'r3', 's1'] as const;
export const bitSets = fc.subarray(someBits).map((bits) => bitsOf(bits));

const roles = fc
  .tuple(bitSets, bitSets, bitSets, bitSets)
  .map(
    (sets): ReadonlyMap<string, WorldRole> =>
      new Map(
        roleIds.map((id, index) => [
          id,
          { id, code: id, name: id, system: id === 's1', bits: sets[index] ?? bitsOf([]) },
        ]),
      ),
  );
export const placedRows = fc.tuple(places, ends).map(([place, expiresAtMs]) => ({ ...place, expiresAtMs }));
export const overrideRows = fc
  .tuple(placedRows, bit, fc.constantFrom('allow' as const, 'deny' as const))
  .map(([placed, bit, effect]) => ({ ...placed, bit, effect }));

const subjects = fc.array(
  fc.record({
    assignments: fc.array(
      fc.tuple(placedRows, fc.constantFrom(...roleIds)).map(([placed, roleId]) => ({ ...placed, roleId })),
      { maxLength: 4 },
    ),
    overrides: fc.array(overrideRows, { maxLength: 4 }),
    status: fc.constantFrom('active' as const, 'active' as const, 'disabled' as const),
  }),
  { minLength: 1, maxLength: 4 },
);

export const worlds: fc.Arbitrary<World> = fc.tuple(subjects, roles).map(([made, rolesOf]) => ({
  tenantStatus: 'active',
  organizations,
  roles: rolesOf,
  invitationCount: 0,
  subjects: made.map(
    ({ assignments, overrides, status }, user): Subject => ({
      kind: 'user',
      id: `u${user}`,
      email: `u${user}@example.test`,
      name: `User ${user}`,
      status,
      assignments: assignments.map((row, n): WorldAssignment => ({ ...row, id: `u${user}-a${n}` })),
      overrides: overrides.map((row, n): WorldOverride => ({ ...row, id: `u${user}-o${n}`, reason: 'a test' })),
    }),
  ),
}));

export const contexts = fc.constantFrom(
  { organizationId: null, workspaceId: null },
  { organizationId: 'org-1', workspaceId: null },
  { organizationId: 'org-1', workspaceId: 'ws-1' },
  { organizationId: 'org-1', workspaceId: 'ws-4' },
  { organizationId: 'org-2', workspaceId: null },
  { organizationId: 'org-2', workspaceId: 'ws-3' },
  { organizationId: 'org-3', workspaceId: null },
);

export const codeOfBit = (place: number) => permissionCodes.find((code) => permissions[code].bit === place) ?? '';
