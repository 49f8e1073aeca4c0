import { decodePermissionBits, encodePermissionBits, hasPermissionBit } from '@platen/chassis/auth/permission-bits';
import { bitsOfCodes } from '@platen/control-plane/modules/access/bits';
import { compileAccess } from '@platen/control-plane/modules/access/compile-access';
import { permissionCodes, permissions } from '@platen/schema/permissions';
import { roles } from '@platen/schema/seeds/identities';
import { cpuNanosEach } from '../measure/in-process.js';
import { spreadOf } from '../measure/statistics.js';
import type { Row } from './row.js';

const organizationId = '01930000-0000-7000-8004-000000000001';

/** Three roles, one of each scope, and two overrides. */
function accessInput() {
  const placed = { organizationId: null, workspaceId: null, expiresAtMs: null };
  return {
    assignments: [
      { ...placed, scope: 'tenant' as const, roleId: roles.purchasing.id },
      { ...placed, scope: 'organization' as const, organizationId, roleId: roles.sales.id },
      { ...placed, scope: 'organization' as const, organizationId, roleId: roles.production.id },
    ],
    overrides: [
      { ...placed, scope: 'tenant' as const, bit: permissions['erp.quote.send'].bit, effect: 'allow' as const },
      {
        ...placed,
        scope: 'organization' as const,
        organizationId,
        bit: permissions['erp.order.confirm'].bit,
        effect: 'deny' as const,
      },
    ],
    rolePermissions: new Map(Object.values(roles).map((role) => [role.id, bitsOfCodes(role.permissions)])),
    context: { organizationId, workspaceId: null },
    nowMs: Date.now(),
  };
}

export const accessDecisions: Row = {
  name: 'rbac',
  title: 'Access decisions',
  async run({ effort }) {
    const bits = decodePermissionBits(encodePermissionBits(bitsOfCodes(roles.sales.permissions)));
    const asked = permissionCodes.map((code) => permissions[code].bit);
    let granted = 0;
    const decide = (n: number) => {
      if (hasPermissionBit(bits, asked[n % asked.length] as number)) granted += 1;
    };
    const input = accessInput();
    const { bits: compiled } = compileAccess(input);
    if (!hasPermissionBit(compiled, permissions['erp.quote.send'].bit))
      throw new Error('an allowed permission is missing');
    if (hasPermissionBit(compiled, permissions['erp.order.confirm'].bit))
      throw new Error('a denied permission is there');
    const rounds = (times: number, work: (n: number) => void) =>
      spreadOf(Array.from({ length: effort.rounds }, () => cpuNanosEach(times, work)));
    const decisions = rounds(5_000_000, decide);
    if (granted === 0) throw new Error('nothing was granted');
    const compile = rounds(100_000, () => compileAccess(input));
    const inMicros = { median: compile.median / 1e3, low: compile.low / 1e3, high: compile.high / 1e3 };
    return [
      { label: 'one decision', unit: 'ns', value: decisions, must: 50, goal: 10 },
      { label: 'compiling one user', unit: 'µs', value: inMicros, must: 5, goal: 2, detail: '3 roles, 2 overrides' },
    ];
  },
};
