// The tree of an image: what its Dockerfile copies, and what the test of the images runs.
//   node deploy/images/assemble.mjs <image> <folder> [--no-build] [--link]     needs `npm ci`; compiles what is not compiled yet
// `--link`: files are the repository's own under a second name, not copies. For a tree that is only read.
// It has our compiled files that the image's entries reach, the npm packages that those import, and nothing else: no source, no
// test, no package for developers. `sbom.cdx.json` beside them lists what is there.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve as absolute, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, fail, root, run, workspaces } from '../scripts/prepare.mjs';
import { closureOf, copyPackage, readManifest } from './packages.mjs';
import { linkOrCopy, placeTree } from './place-tree.mjs';
import { reach } from './reach.mjs';
import { images } from './services.mjs';

export async function assemble(name, out, place = copyFileSync) {
  const image = images[name];
  const ours = workspaces().map((folder) => ({ folder, ...readManifest(root, folder) }));
  const reached = await reach(root, image.entries(root), ours);
  rmSync(out, { recursive: true, force: true });
  const put = (path, keeps) => placeTree(join(root, path), join(out, path), place, keeps);
  for (const file of reached.files) put(file);
  for (const folder of reached.folders) put(folder, (path) => !path.endsWith('_snapshot.json'));
  for (const script of image.scripts) cpSync(join(root, 'deploy/images', script), join(out, script));
  cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
  const used = ours.filter(({ folder }) => reached.files.some((file) => file.startsWith(`${folder}/`)));
  for (const workspace of used) writeManifest(out, workspace, reached.imports);
  writeRootManifest(out, name, used);
  for (const folder of closureOf(root, reached.imports)) copyPackage(root, folder, out, place);
  writeBill(out);
}

/** Ours, with the dependencies that the image has: a package of the chassis that this service never loads is not in it. */
function writeManifest(out, workspace, imports) {
  const { folder, name, version, license, type, exports, dependencies = {} } = workspace;
  const imported = new Set(imports.filter(({ owner }) => owner === folder).map((pair) => pair.name));
  const missing = [...imported].filter((other) => !Object.hasOwn(dependencies, other));
  if (missing.length > 0) throw new Error(`${folder} imports ${missing}, which its package.json has no dependency on`);
  const kept = Object.entries(dependencies).filter(([other]) => imported.has(other));
  writeJson(join(out, folder, 'package.json'), {
    name,
    version,
    private: true,
    license,
    type,
    exports,
    dependencies: Object.fromEntries(kept),
  });
  const link = join(out, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(relative(dirname(link), join(out, folder)), link);
}

function writeRootManifest(out, name, used) {
  const { version, license } = readManifest(root, '.');
  writeJson(join(out, 'package.json'), {
    name: `@platen/image-${name}`,
    version,
    private: true,
    license,
    type: 'module',
    workspaces: used.map(({ folder }) => folder),
  });
}

/** A new file: one that is linked is the repository's. */
function writeJson(file, value) {
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** CycloneDX, by npm, of the tree as it is on the disk: npm refuses one that lacks a package or has one too many. */
function writeBill(out) {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev'];
  const bill = JSON.parse(run('npm sbom', 'npm', args, { cwd: out }));
  // npm calls a workspace by its folder.
  for (const component of bill.components) component.name = component['bom-ref'].replace(/@[^@]*$/, '');
  writeJson(join(out, 'sbom.cdx.json'), bill);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, out, ...options] = process.argv.slice(2);
  if (!Object.hasOwn(images, name ?? '') || !out) {
    fail(`Usage: assemble.mjs <${Object.keys(images).join('|')}> <folder> [--no-build] [--link]`);
  }
  if (!options.includes('--no-build')) await ensureBuilt();
  await assemble(name, absolute(out), options.includes('--link') ? linkOrCopy : copyFileSync);
  const { components } = JSON.parse(readFileSync(join(out, 'sbom.cdx.json'), 'utf8'));
  process.stdout.write(`${name}: ${components.length} packages in ${out}\n`);
}
