// What an entry reaches: our own compiled files, and the npm packages that those import. esbuild reads the imports; what is found
// by an address at run time is read here, and a form that this file does not know is an error instead of a file that is missing.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Answers `files` (from the root), `imports` (pairs of our package's folder and an npm package) and `folders` of data. */
export async function reach(root, entries, workspaces) {
  const files = new Set();
  const imports = new Map();
  const folders = new Set();
  let next = [...entries];
  while (next.length > 0) {
    const { inputs } = await readImports(root, next, workspaces);
    const found = Object.keys(inputs).filter((file) => !files.has(file));
    next = [];
    for (const file of found) {
      files.add(file);
      const loaded = loadedAtRunTime(root, file);
      next.push(...loaded.files.filter((other) => !files.has(other)));
      for (const folder of loaded.folders) folders.add(folder);
      const named = inputs[file].imports.filter(({ external }) => external).map(({ path }) => path);
      for (const name of [...named.filter((path) => !path.startsWith('node:')), ...loaded.packages]) {
        const owner = workspaces.find(({ folder }) => file.startsWith(`${folder}/`)).folder;
        imports.set(`${owner} ${packageOf(name)}`, { owner, name: packageOf(name) });
      }
    }
  }
  return { files: [...files].sort(), imports: [...imports.values()], folders: [...folders].sort() };
}

async function readImports(root, entryPoints, workspaces) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
    logLevel: 'error',
    plugins: [ownPackages(root, workspaces)],
  });
  return metafile;
}

/** Ours are read through, as `exports` of each says: `./*` is `./dist/*.js`. Everybody else's stay names. */
const ownPackages = (root, workspaces) => ({
  name: 'own-packages',
  setup(steps) {
    steps.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return null;
      const own = workspaces.find(({ name }) => path === name || path.startsWith(`${name}/`));
      if (!own) return { path, external: true };
      const inside = path.slice(own.name.length + 1) || 'index';
      return { path: join(root, own.folder, 'dist', `${inside}.js`) };
    });
  },
});

const forms = [
  { kind: 'files', pattern: /new URL\(\s*['"`](\.{1,2}\/[^'"`$]+\.js)['"`],\s*import\.meta\.url\s*\)/g },
  { kind: 'folders', pattern: /new URL\(\s*`(\.{1,2}\/[^'"`$]+)\/\$\{[^}]+\}`,\s*import\.meta\.url\s*\)/g },
  { kind: 'packages', pattern: /import\.meta\.resolve\(\s*['"`]([^'"`$.][^'"`]*)['"`]\s*\)/g },
  { kind: 'packages', pattern: /\brequire\d*(?:\.resolve)?\(\s*['"`]([^'"`$.][^'"`]*)['"`]\s*\)/g },
  { kind: 'nothing', pattern: /createRequire\(\s*import\.meta\.url\s*\)/g },
];

function loadedAtRunTime(root, file) {
  let rest = readFileSync(join(root, file), 'utf8');
  const found = { files: [], folders: [], packages: [], nothing: [] };
  for (const { kind, pattern } of forms) {
    for (const [, what = ''] of rest.matchAll(pattern)) {
      found[kind].push(kind === 'packages' ? what : join(dirname(file), what));
    }
    rest = rest.replaceAll(pattern, '');
  }
  if (/import\.meta\.(url|resolve|dirname|filename)/.test(rest)) {
    throw new Error(`${file} finds something by its own address, in a form that deploy/images/reach.mjs does not know`);
  }
  // Compilers give the function another name when there is one of that name.
  if (found.nothing.length > 0 && found.packages.length === 0)
    throw new Error(`${file} requires nothing that can be seen`);
  for (const path of [...found.files, ...found.folders]) {
    if (!existsSync(join(root, path))) throw new Error(`${file} names ${path}, which is not there`);
  }
  return found;
}
