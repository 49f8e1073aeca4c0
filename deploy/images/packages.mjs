// The npm packages of an image: those that our files import, and what they depend on in turn, as the lock file and Node resolve them.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { placeTree } from './place-tree.mjs';

/** Answers the folders, from the root, of all packages that `imports` need. */
export function closureOf(root, imports) {
  const folders = new Set();
  const waiting = imports.map(({ owner, name }) => ({ from: owner, name, optional: false }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const folder = resolve(root, next.from, next.name);
    if (folder === undefined) {
      // Binaries for other machines are optional dependencies that npm did not install.
      if (next.optional) continue;
      throw new Error(`${next.from} needs ${next.name}, which is not installed`);
    }
    if (folders.has(folder)) continue;
    folders.add(folder);
    const { dependencies = {}, optionalDependencies = {}, ...manifest } = readManifest(root, folder);
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    for (const name of Object.keys(dependencies)) {
      waiting.push({ from: folder, name, optional: Object.hasOwn(optionalDependencies, name) });
    }
    for (const name of Object.keys(optionalDependencies)) waiting.push({ from: folder, name, optional: true });
    for (const name of Object.keys(peerDependencies)) {
      // An optional peer is there when one of our own files imports it.
      if (!peerDependenciesMeta[name]?.optional) waiting.push({ from: folder, name, optional: false });
    }
  }
  return [...folders].sort();
}

export const readManifest = (root, folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

/** As Node does: `node_modules` beside, then above. */
export function resolve(root, from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (basename(folder) !== 'node_modules' && existsSync(join(root, place, 'package.json'))) return place;
    if (folder === '.' || folder === '') return undefined;
  }
}

/** Of these, only what is named: the rest is for browsers, or never served. `sdk/test` and the image's test ask for all of it. */
const onlyFiles = {
  'swagger-ui-dist': /^(package\.json|LICENSE|NOTICE|swagger-ui-bundle\.js|swagger-ui\.css|favicon-32x32\.png)$/,
  pdfmake: /^(package\.json|LICENSE|(js|src|fonts)(\/.*)?)$/,
};
/** For people, editors and bundlers; and the tests that some packages ship. */
const unused = /(\.map|\.d\.[cm]?ts|\.[cm]?ts|\.test\.[cm]?js|\.tsbuildinfo|\.md|\.markdown|\.flow)$/i;
const unusedFolders = /^(test|tests|__tests__|bench|benchmark|benchmarks|example|examples|docs|\.github|\.nyc_output)$/;
const licence = /licen[cs]e|notice|copying/i;

/** Folders of a second build for bundlers, named by `module` and its like: Node takes `main` where there are no `exports`. */
function buildsForBundlers({ exports, main = 'index.js', module, esnext }) {
  if (exports !== undefined) return [];
  const folders = [module, esnext]
    .filter((entry) => typeof entry === 'string')
    .map((entry) => dirname(normalize(entry)));
  return folders.filter((folder) => folder !== '.' && !`${dirname(normalize(main))}/`.startsWith(`${folder}/`));
}

export function copyPackage(root, folder, out, place) {
  const manifest = readManifest(root, folder);
  const { name } = manifest;
  const left = buildsForBundlers(manifest);
  placeTree(join(root, folder), join(out, folder), place, (path) => {
    // Packages inside are in the list themselves if they are needed.
    if (path === 'node_modules' || path === '.bin') return false;
    if (onlyFiles[name]) return onlyFiles[name].test(path) && !unused.test(path);
    if (unusedFolders.test(path) || left.includes(path)) return false;
    return licence.test(basename(path)) || !unused.test(path);
  });
}
