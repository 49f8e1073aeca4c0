import { copyFileSync, linkSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A file or folder at another place: what `keeps` wants of it, by the path under `source`. `place` puts each file there. (`cpSync`
 * with a filter looks at each file several times.)
 */
export function placeTree(source, target, place, keeps = () => true) {
  if (!statSync(source).isDirectory()) {
    mkdirSync(dirname(target), { recursive: true });
    place(source, target);
    return;
  }
  const placeFolder = (under) => {
    mkdirSync(join(target, under), { recursive: true });
    for (const entry of readdirSync(join(source, under), { withFileTypes: true })) {
      const path = join(under, entry.name);
      if (!keeps(path)) continue;
      if (entry.isDirectory()) placeFolder(path);
      else place(join(source, path), join(target, path));
    }
  };
  placeFolder('');
}

/** The same file under a second name, for who only reads it; a copy where the file system cannot. */
export function linkOrCopy(source, target) {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
