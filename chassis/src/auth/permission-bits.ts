/** A set of permission bits: bit n is bit n % 8 of byte n / 8. */
export type PermissionBits = Uint8Array;

/** Trailing zero bytes are left out, so equal sets have equal texts. */
export function encodePermissionBits(bits: Iterable<number>): string {
  const bytes: number[] = [];
  for (const bit of bits) {
    const index = bit >> 3;
    while (bytes.length <= index) bytes.push(0);
    bytes[index] = (bytes[index] ?? 0) | (1 << (bit & 7));
  }
  return Buffer.from(bytes).toString('base64url');
}

export const decodePermissionBits = (text: string): PermissionBits => new Uint8Array(Buffer.from(text, 'base64url'));

/** The access decision of every request. */
export const hasPermissionBit = (bits: PermissionBits, bit: number): boolean =>
  ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
