import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const folders = ['/usr/lib', '/usr/local/lib', '/usr/lib64'];

/** Debian's package puts it into the folder of the architecture. */
function findLibrary(): string | undefined {
  const named = process.env['LIBFAKETIME'];
  if (named !== undefined) return named;
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => path.join(folder, name))])
    .map((folder) => path.join(folder, 'faketime', 'libfaketime.so.1'))
    .find((file) => existsSync(file));
}

const library = findLibrary();
/** Why no process can be given another clock; false: one can. */
export const otherClockIsMissing: string | false =
  library === undefined
    ? 'libfaketime is missing: apt-get install libfaketime, or LIBFAKETIME=<libfaketime.so.1>'
    : false;

/**
 * Variables of a process whose clock is so many seconds ahead of everybody's (behind, when negative). What measures durations stays
 * as it is: it is the time of day alone that machines disagree about.
 */
export function clockAheadBy(seconds: number): Record<string, string> {
  if (library === undefined) throw new Error('libfaketime is missing');
  const sign = seconds < 0 ? '-' : '+';
  return { LD_PRELOAD: library, FAKETIME: `${sign}${Math.abs(seconds)}s`, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
