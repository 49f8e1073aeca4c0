import t from 'tap';
import { bitsOf, type Holder } from '../access/index.js';
import { holdsAllOf } from './holds-all-of.js';

const nowMs = 1_000_000;
const tenant = { scope: 'tenant', organizationId: null, workspaceId: null, expiresAtMs: null } as const;
const inside = (organizationId: string) => ({ ...tenant, scope: 'organization', organizationId }) as const;
type Place = Omit<Holder['assignments'][number], 'roleId'>;

const holder = (places: readonly Place[], bits: readonly number[], overrides: Holder['overrides'] = []): Holder => ({
  assignments: places.map((place) => ({ ...place, roleId: 'role' })),
  overrides,
  rolePermissions: new Map([['role', bitsOf(bits)]]),
});

t.test('everything, everywhere the other has it', async (t) => {
  const wide = holder([tenant], [1, 2, 3]);
  t.ok(holdsAllOf(wide, holder([inside('a'), inside('b')], [1, 3]), nowMs));
  t.ok(holdsAllOf(wide, holder([], []), nowMs), 'somebody without anything');
  t.notOk(holdsAllOf(wide, holder([inside('a')], [1, 4]), nowMs), 'a permission more');
  const local = holder([inside('a')], [1, 2, 3]);
  t.notOk(holdsAllOf(local, holder([inside('b')], [1]), nowMs), 'at another place');
  t.notOk(holdsAllOf(local, holder([tenant], [1]), nowMs), 'at a wider place');
});

t.test('overrides count on both sides, what has ended does not', async (t) => {
  const wide = holder([tenant], [1]);
  const allowed = { ...inside('a'), bit: 4, effect: 'allow' } as const;
  t.notOk(holdsAllOf(wide, holder([], [], [allowed]), nowMs));
  t.ok(holdsAllOf(wide, holder([], [], [{ ...allowed, expiresAtMs: nowMs }]), nowMs));
  const denied = { ...inside('a'), bit: 1, effect: 'deny' } as const;
  t.notOk(holdsAllOf(holder([tenant], [1], [denied]), holder([inside('a')], [1]), nowMs));
  t.ok(holdsAllOf(holder([tenant], [1], [denied]), holder([inside('b')], [1]), nowMs));
  t.ok(holdsAllOf(wide, holder([{ ...tenant, expiresAtMs: nowMs - 1 }], [1, 2]), nowMs));
});
