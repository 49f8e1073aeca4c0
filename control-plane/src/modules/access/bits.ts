import { hasPermissionBit, type PermissionBits } from '@platen/chassis/auth/permission-bits';
import { modules } from '@platen/schema/modules';
import { type PermissionCode, permissionCodes, permissions } from '@platen/schema/permissions';

export type { PermissionBits };

const byteCount = (Math.max(...permissionCodes.map((code) => permissions[code].bit)) >> 3) + 1;

/** Of one fixed length, so that a union is a loop of ORs. */
export const emptyBits = (): PermissionBits => new Uint8Array(byteCount);

/** Bits that this release does not know (a newer one seeded them) are left out: nobody here can check them. */
export function bitsOf(places: Iterable<number>): PermissionBits {
  const bits = emptyBits();
  for (const place of places) addBit(bits, place);
  return bits;
}

/** For a column that holds the places as a JSON list. */
export const parseBits = (text: string): PermissionBits => bitsOf(JSON.parse(text) as number[]);

export const bitsOfCodes = (codes: Iterable<PermissionCode>): PermissionBits =>
  bitsOf(Array.from(codes, (code) => permissions[code].bit));

export function addBit(bits: PermissionBits, place: number): void {
  const index = place >> 3;
  if (index < bits.length) bits[index] = (bits[index] ?? 0) | (1 << (place & 7));
}

export function removeBit(bits: PermissionBits, place: number): void {
  const index = place >> 3;
  if (index < bits.length) bits[index] = (bits[index] ?? 0) & ~(1 << (place & 7));
}

export function addAll(target: PermissionBits, source: PermissionBits): void {
  for (let index = 0; index < target.length; index++) target[index] = (target[index] ?? 0) | (source[index] ?? 0);
}

export function keepOnly(target: PermissionBits, mask: PermissionBits): void {
  for (let index = 0; index < target.length; index++) target[index] = (target[index] ?? 0) & (mask[index] ?? 0);
}

/** Does `held` have every bit of `wanted`? */
export function includesAll(held: PermissionBits, wanted: PermissionBits): boolean {
  for (let index = 0; index < wanted.length; index++) {
    if (((wanted[index] ?? 0) & ~(held[index] ?? 0)) !== 0) return false;
  }
  return true;
}

/** The `prm` claim: base64url without trailing zero bytes. */
export function encodeBits(bits: PermissionBits): string {
  let length = bits.length;
  while (length > 0 && bits[length - 1] === 0) length -= 1;
  return Buffer.from(bits.buffer, bits.byteOffset, length).toString('base64url');
}

/** Codes in the order of the catalogue. */
export const codesOf = (bits: PermissionBits): PermissionCode[] =>
  permissionCodes.filter((code) => hasPermissionBit(bits, permissions[code].bit));

/** What may hold without an organization: what is administered for the tenant as a whole. Everything else needs a context. */
export const tenantWideBits: PermissionBits = bitsOfCodes(
  permissionCodes.filter((code) => modules[permissions[code].module].product === 'platform'),
);
