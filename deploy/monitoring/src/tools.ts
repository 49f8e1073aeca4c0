import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../../.ci/cache', import.meta.url));

/** Where a program of CI is: on the PATH, or where the installers beside .ci/run put it. */
export function findTool(name: string, places: readonly string[] = ['bin']): string | null {
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    ...places.map((place) => path.join(cache, place)),
  ];
  const found = folders.map((folder) => path.join(folder, name)).find(isProgram);
  return found ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
