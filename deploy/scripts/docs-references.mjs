// What pages for people name must exist: linked files, paths in code, npm scripts.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const isPage = (file) =>
  /^(README|AGENTS|CONTRIBUTING|REVIEW)\.md$|^sdk\/README\.md$|^docs\/([^/]+|decisions\/[^/]+)\.md$/.test(file);
/** A word is a path of ours if it begins with a folder of the top level, or has a folder and one of these endings. */
const fileEnding = /\.(ts|mjs|js|json|md|sql)$/;

/** Answers `page: what is wrong` lines; none when all is well. */
export function findBrokenReferences(root) {
  const files = listFiles(root);
  const scripts = readScripts(root, files);
  return files.filter(isPage).flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const broken = [
      ...brokenLinks(text, page, root),
      ...brokenPaths(codeOf(text), files),
      ...brokenScripts(text, scripts),
    ];
    return [...new Set(broken)].map((line) => `${page}: ${line}`);
  });
}

/** Tracked, or about to be. */
function listFiles(root) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  return spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 16 << 20 })
    .stdout.split('\n')
    .filter(Boolean);
}

function brokenLinks(text, page, root) {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target.split('#', 1)[0]);
  return targets
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(root, normalize(join(dirname(page), target)))))
    .map((target) => `no file at the link ${target}`);
}

/** The words of fences and of spans. */
function codeOf(text) {
  const fences = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  const spans = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  return [...fences, ...spans].flatMap((code) => code.split(/[\s'"|;,:]+(?![^{]*\})/));
}

function brokenPaths(words, files) {
  const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/', 1)[0]));
  return words
    .filter((word) => /^[\w.-][\w./*{},-]*\/[\w./*{},-]*$/.test(word))
    .filter((word) => folders.has(word.split('/', 1)[0]) || fileEnding.test(word))
    .flatMap(expandBraces)
    .filter((path) => !isThere(path, files))
    .map((path) => `no such path: ${path}`);
}

function expandBraces(word) {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(word);
  return match ? match[2].split(',').flatMap((part) => expandBraces(match[1] + part + match[3])) : [word];
}

/** A path from the root, or the end of one; a folder counts, and what is built stands for its source. */
function isThere(path, files) {
  const built = /^(|.*?\/)dist(?:\/(.*?))?(?:\.js)?$/.exec(path);
  const paths = built ? [`${built[1]}src/${built[2] ?? ''}`, `${built[1]}${built[2] ?? ''}`] : [path];
  const ending = built && path.endsWith('.js') ? '\\.ts$' : '(/|$)';
  return paths.some((name) => {
    const pattern = new RegExp(`(^|/)${name.replace(/\/$/, '').split('*').map(escapeText).join('[^/]*')}${ending}`);
    return files.some((file) => pattern.test(file));
  });
}

const escapeText = (text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

/** Workspace folder, and the package's name → its scripts; '' is the root. */
function readScripts(root, files) {
  const packages = files.filter((file) => /(^|\/)package\.json$/.test(file));
  return new Map(
    packages.flatMap((file) => {
      const { name, scripts = {} } = JSON.parse(readFileSync(join(root, file), 'utf8'));
      const known = new Set(Object.keys(scripts));
      return [dirname(file) === '.' ? '' : dirname(file), name].map((workspace) => [workspace, known]);
    }),
  );
}

function brokenScripts(text, scripts) {
  return [...text.matchAll(/npm run ([\w:-]+)(?: -w ([@\w./-]+))?/g)]
    .filter(([, name, workspace = '']) => !scripts.get(workspace)?.has(name))
    .map(([, name, workspace]) => `no such script: npm run ${name}${workspace ? ` -w ${workspace}` : ''}`);
}
