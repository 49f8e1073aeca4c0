import { permissionCodes, permissions } from '@platen/schema/permissions';
import fc from 'fast-check';
import t from 'tap';
import { decodePermissionBits, encodePermissionBits, hasPermissionBit } from './permission-bits.js';

t.test('a bit is held exactly if it was put in', async (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(600)), (bits) => {
      const held = decodePermissionBits(encodePermissionBits(bits));
      return Array.from({ length: 601 }, (_, bit) => bit).every(
        (bit) => hasPermissionBit(held, bit) === bits.includes(bit),
      );
    }),
  );
  t.equal(hasPermissionBit(decodePermissionBits(''), 0), false);
  t.equal(hasPermissionBit(decodePermissionBits(encodePermissionBits([9])), 1_000_000), false);
});

t.test('order and repetition do not show', async (t) => {
  t.equal(encodePermissionBits([9, 1, 9]), encodePermissionBits([1, 9]));
});

t.test('no two permissions share a bit', async (t) => {
  t.equal(new Set(permissionCodes.map((code) => permissions[code].bit)).size, permissionCodes.length);
});
