import { createCipheriv, createHash, createHmac, type KeyObject } from 'node:crypto';

/** Positions of a sequence that several share, as one of them may see them. */
export interface HiddenPositions {
  hide(position: bigint): string;
  /** Of text that `hide` did not write for the same one: some number, as good as always beyond all that were given. */
  find(hidden: bigint): bigint;
}

const halfBits = 31n;
const halfMask = 0x7fff_ffffn;
const rounds = 6;

/**
 * A sequence of numbers tells each of those who share it how much the others do. What is shown of it is another number of
 * 62 bits, neither in order nor at a distance that means anything: a Feistel network over two halves, whose rounds are
 * AES. No table, no state, and the same from every instance that has the secret.
 */
export function createPositionHider(secret: KeyObject): (owner: string) => HiddenPositions {
  const key = createHmac('sha256', secret).update('hidden positions').digest().subarray(0, 16);
  // Blocks for themselves: each is made of its round, its half and its owner.
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return (owner) => {
    const block = createHash('sha256').update(owner).digest().subarray(0, 16);
    const mix = (round: number, half: number): number => {
      block.writeUInt8(round, 0);
      block.writeUInt32BE(half, 1);
      return cipher.update(block).readUInt32BE(0) & Number(halfMask);
    };
    const split = (whole: bigint): [number, number] => [Number(whole >> halfBits), Number(whole & halfMask)];
    const join = (left: number, right: number): bigint => (BigInt(left) << halfBits) | BigInt(right);
    return {
      hide(position) {
        let [left, right] = split(position);
        for (let round = 0; round < rounds; round += 1) [left, right] = [right, left ^ mix(round, right)];
        return join(left, right).toString();
      },
      find(hidden) {
        // Nothing that was hidden is larger.
        if (hidden >> (halfBits * 2n) > 0n) return hidden;
        let [left, right] = split(hidden);
        for (let round = rounds - 1; round >= 0; round -= 1) [left, right] = [right ^ mix(round, left), left];
        return join(left, right);
      },
    };
  };
}
