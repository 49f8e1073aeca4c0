import { randomBytes } from 'node:crypto';

/** OWASP's first choice for argon2id; every one of these may be raised, and stored hashes follow at the next sign-in. */
export interface HashParameters {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}
export const hashParameters: HashParameters = { memoryKib: 19_456, passes: 2, lanes: 1 };

const phcPattern = /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})\$/;

/** Was the hash made with other parameters than those of today? */
export function needsRehash(hash: string, wanted: HashParameters): boolean {
  const match = phcPattern.exec(hash);
  return (
    match === null ||
    Number(match[1]) !== wanted.memoryKib ||
    Number(match[2]) !== wanted.passes ||
    Number(match[3]) !== wanted.lanes
  );
}

/** A hash that no password has, and that costs as much to check as a real one: for e-mails that nobody has. */
export function decoyHash({ memoryKib, passes, lanes }: HashParameters): string {
  const unpadded = (byteCount: number) => randomBytes(byteCount).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(16)}$${unpadded(32)}`;
}
