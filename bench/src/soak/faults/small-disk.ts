import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A disk of its own, in memory. */
export interface SmallDisk {
  readonly dir: string;
  /** Until not a byte more goes on it. */
  fill(): void;
  free(): void;
  unmount(): void;
}

export const mountsAreMissing: string | false =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'mounting a disk needs root, on Linux';

/** @throws Error where mounts are not allowed */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const dir = mkdtempSync(path.join(tmpdir(), 'platen-disk-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', dir]);
  if (status !== 0) {
    rmdirSync(dir);
    throw new Error(`no disk can be mounted here: ${String(stderr)}`);
  }
  chmodSync(dir, 0o755);
  const ballast = path.join(dir, 'ballast');
  return {
    dir,
    fill() {
      const file = openSync(ballast, 'a');
      try {
        for (let bytes = 1 << 20; bytes >= 1; ) {
          try {
            if (writeSync(file, Buffer.alloc(bytes)) < bytes) bytes >>= 1;
          } catch {
            // No space left: a smaller piece may still go.
            bytes >>= 1;
          }
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    unmount() {
      spawnSync('umount', ['-l', dir]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
