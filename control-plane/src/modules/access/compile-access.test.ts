import { hasPermissionBit } from '@platen/chassis/auth/permission-bits';
import { permissionCodes, permissions } from '@platen/schema/permissions';
import fc from 'fast-check';
import t from 'tap';
import { bitsOf, codesOf, encodeBits } from './bits.js';
import {
  type AccessInput,
  type Assignment,
  type Context,
  compileAccess,
  compileReach,
  mayHandOn,
  type Override,
  type Reach,
  type Scope,
} from './compile-access.js';

const nowMs = 1_000_000;
const bit = (code: keyof typeof permissions) => permissions[code].bit;
const rolePermissions = new Map([
  ['reader', bitsOf([bit('erp.quote.read')])],
  ['writer', bitsOf([bit('erp.quote.read'), bit('erp.quote.write')])],
  ['admin', bitsOf([bit('admin.user_role.create'), bit('erp.quote.read')])],
]);
const assignment = (roleId: string, scope: Scope = 'tenant', place: Partial<Assignment> = {}): Assignment => ({
  roleId,
  scope,
  organizationId: scope === 'tenant' ? null : 'org-1',
  workspaceId: scope === 'workspace' ? 'ws-1' : null,
  expiresAtMs: null,
  ...place,
});
const override = (effect: 'allow' | 'deny', scope: Scope, place: Partial<Override> = {}): Override => ({
  bit: bit('erp.quote.write'),
  effect,
  scope,
  organizationId: scope === 'tenant' ? null : 'org-1',
  workspaceId: scope === 'workspace' ? 'ws-1' : null,
  expiresAtMs: null,
  ...place,
});
const inWorkspace: Context = { organizationId: 'org-1', workspaceId: 'ws-1' };
const compile = (input: Partial<AccessInput>) =>
  compileAccess({ assignments: [], overrides: [], rolePermissions, context: inWorkspace, nowMs, ...input });
const codes = (input: Partial<AccessInput>) => codesOf(compile(input).bits);

t.test('nothing is held by default', async (t) => {
  t.same(codes({}), []);
  t.equal(encodeBits(compile({}).bits), '');
});

t.test('roles count where their scope reaches', async (t) => {
  const at = (scope: Scope, context: Context) => codes({ assignments: [assignment('reader', scope)], context }).length;
  t.equal(at('tenant', { organizationId: 'org-2', workspaceId: null }), 1);
  t.equal(at('organization', { organizationId: 'org-1', workspaceId: null }), 1);
  t.equal(at('organization', inWorkspace), 1);
  t.equal(at('organization', { organizationId: 'org-2', workspaceId: null }), 0);
  t.equal(at('workspace', inWorkspace), 1);
  t.equal(at('workspace', { organizationId: 'org-1', workspaceId: null }), 0);
  t.equal(at('workspace', { organizationId: 'org-1', workspaceId: 'ws-2' }), 0);
  t.equal(at('workspace', { organizationId: 'org-2', workspaceId: 'ws-1' }), 0);
});

t.test('without an organization only what concerns the tenant is left', async (t) => {
  const context = { organizationId: null, workspaceId: null };
  t.same(codes({ assignments: [assignment('admin')], context }), ['admin.user_role.create']);
  t.same(codes({ assignments: [assignment('admin', 'organization')], context }), []);
});

t.test('overrides come last, wide to narrow, deny after allow within a scope', async (t) => {
  const writes = (...overrides: Override[]) =>
    codes({ assignments: [assignment('reader')], overrides }).includes('erp.quote.write');
  t.equal(writes(override('allow', 'tenant')), true);
  t.equal(writes(override('deny', 'tenant'), override('allow', 'tenant')), false, 'whatever the order of the rows');
  t.equal(writes(override('allow', 'organization'), override('deny', 'tenant')), true, 'the narrower decides');
  t.equal(writes(override('allow', 'tenant'), override('deny', 'workspace')), false);
  t.equal(writes(override('allow', 'organization', { organizationId: 'org-2' })), false);
});

t.test('what has ended grants nothing, and access ends with the first thing it rests on', async (t) => {
  const ended = assignment('writer', 'tenant', { expiresAtMs: nowMs });
  t.same(codes({ assignments: [ended] }), []);
  const access = compile({
    assignments: [assignment('reader', 'tenant', { expiresAtMs: nowMs + 50 })],
    overrides: [
      override('deny', 'organization', { expiresAtMs: nowMs + 20 }),
      override('deny', 'organization', { organizationId: 'org-2', expiresAtMs: nowMs + 10 }),
    ],
  });
  t.equal(access.expiresAtMs, nowMs + 20);
  t.equal(compile({ assignments: [assignment('reader')] }).expiresAtMs, null);
});

// The rules once more, as slow and as plain as they can be written.
function obviousAccess(input: AccessInput): { codes: string[]; expiresAtMs: number | null } {
  const { organizationId, workspaceId } = input.context;
  const matching = <P extends Assignment | Override>(rows: readonly P[]) =>
    rows
      .filter((row) => row.expiresAtMs === null || row.expiresAtMs > input.nowMs)
      .filter(
        (row) =>
          row.scope === 'tenant' ||
          (organizationId !== null &&
            row.organizationId === organizationId &&
            (row.scope === 'organization' || (workspaceId !== null && row.workspaceId === workspaceId))),
      );
  const roles = matching(input.assignments);
  const overrides = matching(input.overrides);
  const held = permissionCodes.filter((code) => {
    const place = permissions[code].bit;
    let verdict = roles.some((role) => {
      const granted = input.rolePermissions.get(role.roleId);
      return granted !== undefined && hasPermissionBit(granted, place);
    });
    for (const scope of ['tenant', 'organization', 'workspace']) {
      const here = overrides.filter((row) => row.scope === scope && row.bit === place);
      if (here.some((row) => row.effect === 'allow')) verdict = true;
      if (here.some((row) => row.effect === 'deny')) verdict = false;
    }
    return verdict && (organizationId !== null || code.startsWith('admin.'));
  });
  const ends = [...roles, ...overrides].flatMap((row) => row.expiresAtMs ?? []);
  return { codes: held, expiresAtMs: ends.length === 0 ? null : Math.min(...ends) };
}

const places = fc.constantFrom<Pick<Assignment, 'scope' | 'organizationId' | 'workspaceId'>>(
  { scope: 'tenant', organizationId: null, workspaceId: null },
  { scope: 'organization', organizationId: 'org-1', workspaceId: null },
  { scope: 'organization', organizationId: 'org-2', workspaceId: null },
  { scope: 'workspace', organizationId: 'org-1', workspaceId: 'ws-1' },
  { scope: 'workspace', organizationId: 'org-1', workspaceId: 'ws-2' },
  { scope: 'workspace', organizationId: 'org-2', workspaceId: 'ws-3' },
);
const ends = fc.option(fc.integer({ min: nowMs - 3, max: nowMs + 5 }), { nil: null });
const bits = fc.constantFrom(...permissionCodes.map((code) => permissions[code].bit));
const assignments = fc.array(
  fc
    .tuple(places, ends, fc.constantFrom('r1', 'r2', 'r3', 'gone'))
    .map(([place, expiresAtMs, roleId]): Assignment => ({ ...place, expiresAtMs, roleId })),
  { maxLength: 6 },
);
const overrides = fc.array(
  fc
    .tuple(places, ends, bits, fc.constantFrom('allow' as const, 'deny' as const))
    .map(([place, expiresAtMs, place2, effect]): Override => ({ ...place, expiresAtMs, bit: place2, effect })),
  { maxLength: 10 },
);
const roles = fc
  .tuple(...['r1', 'r2', 'r3'].map(() => fc.array(bits, { maxLength: 12 })))
  .map((lists) => new Map(lists.map((list, index) => [`r${index + 1}`, bitsOf(list)])));
const contexts = fc.constantFrom<Context>(
  { organizationId: null, workspaceId: null },
  { organizationId: 'org-1', workspaceId: null },
  { organizationId: 'org-1', workspaceId: 'ws-1' },
  { organizationId: 'org-1', workspaceId: 'ws-2' },
  { organizationId: 'org-2', workspaceId: 'ws-3' },
  { organizationId: 'org-3', workspaceId: null },
);
const inputs = fc.record({
  assignments,
  overrides,
  rolePermissions: roles,
  context: contexts,
  nowMs: fc.constant(nowMs),
});

t.test('agrees with the plain reading of the rules', async (t) => {
  fc.assert(
    fc.property(inputs, (input) => {
      const access = compileAccess(input);
      const expected = obviousAccess(input);
      return (
        JSON.stringify([codesOf(access.bits), access.expiresAtMs]) ===
        JSON.stringify([expected.codes, expected.expiresAtMs])
      );
    }),
    { numRuns: 2000 },
  );
  t.pass('2000 inputs');
});

t.test('what may be handed on is held everywhere that it would reach', async (t) => {
  const reaches: [Reach, Context[]][] = [
    [{ scope: 'workspace', organizationId: 'org-1', workspaceId: 'ws-1' }, [inWorkspace]],
    [
      { scope: 'organization', organizationId: 'org-1', workspaceId: null },
      [inWorkspace, { organizationId: 'org-1', workspaceId: 'ws-2' }, { organizationId: 'org-1', workspaceId: null }],
    ],
    [
      { scope: 'tenant', organizationId: null, workspaceId: null },
      [inWorkspace, { organizationId: 'org-2', workspaceId: 'ws-3' }, { organizationId: 'org-3', workspaceId: null }],
    ],
  ];
  fc.assert(
    fc.property(inputs, fc.constantFrom(...reaches), (input, [reach, insides]) => {
      const own = codesOf(compileReach({ ...input, reach }).bits);
      return insides.every((context) => {
        const held = obviousAccess({ ...input, context }).codes;
        return own.every((code) => held.includes(code));
      });
    }),
    { numRuns: 2000 },
  );
  t.pass('2000 inputs');
});

t.test('a right that ends is handed on for no longer', async (t) => {
  const own = { bits: bitsOf([bit('erp.quote.read')]), expiresAtMs: nowMs + 10 };
  const wanted = bitsOf([bit('erp.quote.read')]);
  t.equal(mayHandOn(own, wanted, nowMs + 10), true);
  t.equal(mayHandOn(own, wanted, nowMs + 11), false);
  t.equal(mayHandOn(own, wanted, null), false);
  t.equal(mayHandOn({ ...own, expiresAtMs: null }, wanted, null), true);
  t.equal(mayHandOn(own, bitsOf([bit('erp.quote.write')]), nowMs), false);
});
