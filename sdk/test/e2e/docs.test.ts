import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { testServerUrl } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { listContracts } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { controlInternalContracts, dataInternalContracts } from '@platen/schema/contracts/internal/index';
import { platformContracts } from '@platen/schema/contracts/platform/index';
import t from 'tap';
import { environmentOf, openFolder, typeIn } from './docs/environment.js';
import type { How, Line } from './docs/how.js';
import { lines } from './docs/lines.js';
import { commandsOf, fencesOf, pages, readSource } from './docs/pages.js';
import { replaceAll, walkedLines, walkPage } from './docs/walk.js';
import { walks } from './docs/walks.js';
import { repository } from './platform.js';
import { sharedPlatform } from './shared-platform.js';

// Every command that a page tells its reader to type is run: here, or by what its line in docs/lines.ts names.
const commands = pages.flatMap((page) => {
  const walked = new Set(walkedLines(page));
  return commandsOf(page).filter(({ text }) => !walked.has(text));
});
const distinct = [...new Set(commands.map(({ text }) => text))];
const fits = ({ command }: Line, text: string) => (typeof command === 'string' ? command === text : command.test(text));
/** In the order of the list. */
const those = <Kind extends How['kind']>(kind: Kind) =>
  lines.flatMap((line) => {
    if (line.how.kind !== kind) return [];
    // Its kind was just asked for.
    const how = line.how as Extract<How, { kind: Kind }>;
    return distinct.filter((text) => fits(line, text)).map((text) => ({ text, how, line }));
  });
const folder = openFolder(t);
const type = typeIn(folder);
const curlIsMissing = (await type('curl --version')).code === 0 ? false : 'curl is not here';

t.test('each command has one line, each line a command', async (t) => {
  const wrong = commands.flatMap(({ page, text }) => {
    const found = lines.filter((line) => fits(line, text));
    return found.length === 1 ? [] : [`${page}: ${text}: ${found.length} lines`];
  });
  t.same(wrong, []);
  const idle = lines.filter((line) => !distinct.some((text) => fits(line, text)));
  t.same(
    idle.map(({ command }) => String(command)),
    [],
    'no page has it',
  );
  const walked = pages.flatMap(walkedLines).length;
  t.comment(
    `measured: ${distinct.length + walked} commands of ${pages.length} pages: ${walked + those('run').length} run here, ${those('elsewhere').length} elsewhere, the words of ${['lists', 'parses', 'reads'].flatMap((kind) => those(kind as How['kind'])).length} are read`,
  );
});

t.test('what runs elsewhere stands there', async (t) => {
  const missing = those('elsewhere').flatMap(({ text, how, line: { command } }) => {
    const groups = command instanceof RegExp ? (command.exec(text) ?? []) : [];
    const fill = (words: string) => words.replaceAll(/\{(\d)\}/g, (_, index) => groups[Number(index)] ?? '');
    return Object.entries(how.proofs)
      .map(([file, words]) => [fill(file), fill(words)] as const)
      .filter(([file, words]) => !existsSync(path.join(repository, file)) || !readSource(file).includes(words))
      .map(([file, words]) => `${text}: ${file} has no ${words}`);
  });
  t.same(missing, []);
});

t.test('npm does what its stand-in does', async (t) => {
  const command = `npm run audit -- verify --wrong 'two words'`;
  const { PATH = '' } = process.env;
  const [real, ours] = await Promise.all([type(command, { PATH }), type(command)]);
  const shown = ({ out }: { readonly out: string }) => out.split('\n').filter((line) => !line.startsWith('npm '));
  t.same(shown(real), shown(ours));
  t.same([real.code, ours.code], [2, 2]);
});

t.test('words of tests find files', async (t) => {
  const { out } = await type('npm test -- --list');
  const files = out.split('\n').filter((line) => line.endsWith('.test.js'));
  for (const { text, how } of those('lists')) {
    const words = replaceAll(text, how.where).replace('npm test -- ', '').split(' ');
    const idle = words.filter((word) => !word.startsWith('-') && !files.some((file) => file.includes(word)));
    t.same(idle, [], text);
  }
});

t.test('options of what takes long are read by it', async (t) => {
  for (const { text } of those('parses')) {
    const command = `${text}${text.includes(' -- ') ? '' : ' --'} --help`;
    const { code, out } = await type(command, { PLATEN_BUILT: '1' });
    t.equal(code, 0, `${command}\n${code === 0 ? '' : out}`);
  }
});

t.test('options are read by what reads them', async (t) => {
  for (const { text, how } of those('reads')) {
    const { [how.reader]: read } = await import(pathToFileURL(path.join(repository, how.module)).href);
    const [, words = ''] = replaceAll(text, how.where).split(' -- ');
    t.doesNotThrow(() => read(words.split(' ').filter(Boolean)), text);
  }
});

t.test('JSON of the pages is JSON', async (t) => {
  for (const { page, text } of pages.flatMap(fencesOf).filter(({ language }) => language === 'json')) {
    const texts = /^\{.*\}\n\{/.test(text) ? text.trim().split('\n') : [text];
    for (const each of texts) t.doesNotThrow(() => JSON.parse(each), `${page}: ${each}`);
  }
});

t.test('excerpts are what stands in their files', async (t) => {
  const excerpts = pages.flatMap(fencesOf).filter(({ source }) => source !== undefined);
  t.ok(excerpts.length > 8);
  for (const { page, source = '', text } of excerpts) {
    let rest = readSource(source);
    for (const part of text.split(/^…\n/m)) {
      const at = rest.indexOf(part);
      t.not(at, -1, `${page}: ${source} has\n${part}`);
      rest = rest.slice(at + part.length);
    }
  }
});

t.test('changes that a page shows fit the sources', async (t) => {
  const changes = pages.flatMap(fencesOf).filter(({ language }) => language === 'diff');
  t.ok(changes.length > 0);
  for (const { page, text } of changes) {
    // Not in the folder of links, beyond which git changes nothing.
    const { code, out } = await type(`cd '${repository}' && git apply -p0 --check -`, {}, text);
    t.equal(code, 0, `${page}\n${out}`);
  }
});

t.test('endpoints that pages name are there', async (t) => {
  const trees = [controlContracts, dataContracts, platformContracts, controlInternalContracts, dataInternalContracts];
  const shapeOf = (method: string, place: string) =>
    `${method} ${place.replace(/[?…].*$/, '').replaceAll(/(?<=\/)(?::\w+|\{\w+\}|<[^>]*>)/g, ':')}`;
  const known = new Set(trees.flatMap(listContracts).map(({ method, path: place }) => shapeOf(method, place)));
  const named = pages.flatMap((page) =>
    [
      ...readSource(page).matchAll(
        /\b(GET|POST|PATCH|PUT|DELETE) +(\/(?:api|platform|internal)\/(?:<[^>]*>|[^\s`)",])+)/g,
      ),
    ].map(([, method = '', place = '']) => `${page}: ${shapeOf(method, place)}`),
  );
  t.ok(named.length > 80);
  t.same(
    named.filter((name) => !known.has(name.slice(name.indexOf(': ') + 2))),
    [],
  );
});

t.test('what a core serves is what was measured', async (t) => {
  const rows = [...readSource('docs/capacity.md').matchAll(/\| ([\d,]+) \+ ([\d,]+) µs \| ([\d,]+) · ([\d,]+) \|/g)];
  t.ok(rows.length > 8);
  for (const [row, ...cells] of rows) {
    const [node = 0, postgres = 0, ...served] = cells.map((cell) => Number(cell.replaceAll(',', '')));
    t.same(
      served,
      [node, postgres].map((µs) => Number((1e6 / µs).toPrecision(2))),
      row,
    );
  }
});

t.test('SQL of the pages is done', async (t) => {
  const server = await testServerUrl();
  const suffix = `_docs_${process.pid}`;
  const statements = pages
    .flatMap(fencesOf)
    .filter(({ language }) => language === 'sql')
    .flatMap(({ text }) => text.split(';').map((statement) => statement.trim()))
    .filter(Boolean)
    .map((statement) => statement.replaceAll(/\b(platen|control)_\w+/g, (name) => name + suffix));
  // Pages take up where others left off: roles first.
  statements.sort((a, b) => Number(b.startsWith('create role')) - Number(a.startsWith('create role')));
  const made = (pattern: RegExp) => statements.flatMap((statement) => pattern.exec(statement)?.[1] ?? []);
  await asSuperuser(server, async (client) => {
    try {
      for (const statement of statements) await t.resolves(client.query(statement), statement);
    } finally {
      for (const name of made(/^create database (\w+)/)) await client.query(`drop database if exists ${name}`);
      for (const name of made(/^create role (\w+)/)) await client.query(`drop role if exists ${name}`);
    }
  });
});

t.test('with a platform', async (t) => {
  const platform = await sharedPlatform(t, 'processes');
  const places = {
    'localhost:4000': `localhost:${platform.ports.control}`,
    'localhost:4001': `localhost:${platform.ports.data}`,
  };
  for (const page of Object.keys(walks)) {
    await t.test(`${page}, as it is typed`, { skip: curlIsMissing }, (t) => walkPage(t, page, type, places));
  }

  await t.test("README.md's first lines with the SDK", async (t) => {
    const [{ text } = { text: '' }] = fencesOf('README.md').filter(({ language }) => language === 'ts');
    writeFileSync(path.join(folder, 'first.mjs'), replaceAll(text, places));
    const { code, out } = await type('node first.mjs');
    t.equal(code, 0, out);
    t.match(out, /^\S*\d+$/m, 'numbers of orders');
  });

  await t.test('commands of those who run it', async (t) => {
    const kept: Record<string, string> = {};
    for (const { text, how } of those('run')) {
      const fill = (words: string) => words.replaceAll(/\{(\w+)\}/g, (_, name) => kept[name] ?? '');
      const where = Object.fromEntries(Object.entries(how.where).map(([from, to]) => [from, fill(to)]));
      const { code, out } = await type(replaceAll(text, where), environmentOf(how.as, platform), how.input);
      t.equal(code, how.exits, `${text}\n${out}`);
      t.match(out, how.prints, text);
      for (const [name, pattern] of Object.entries(how.keeps)) kept[name] = pattern.exec(out)?.[1] ?? '';
    }
  });
});
