import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Result } from './results.js';
import type { Row } from './rows.js';

const page = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url));
const begin = '<!-- the table: begin -->';
const end = '<!-- the table: end -->';

/** The page with the table of these results in its place. */
export function renderPage(rows: readonly Row[], results: ReadonlyMap<string, Result>): { old: string; fresh: string } {
  const old = readFileSync(page, 'utf8');
  const [before, rest = ''] = old.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined) throw new Error(`docs/reliability.md lacks ${begin} or ${end}`);
  return {
    old,
    fresh: `${before}${begin}\n\n${tableOf(rows, results)}\n\n${figuresOf(rows, results)}\n\n${end}${after}`,
  };
}

export const writePage = (text: string): void => writeFileSync(page, text);

function tableOf(rows: readonly Row[], results: ReadonlyMap<string, Result>): string {
  const lines = rows.map(({ fault, pass, soaks, tests }) => {
    const seen = soaks.map((soak) => seenIn(results.get(soak)));
    return [fault, pass, seen.join('<br>'), soaks.map(commandOf).join('<br>'), tests.map(code).join('<br>')];
  });
  const head = ['fault', 'pass', 'seen', 'command', 'short form in CI'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.map(inCell).join(' | ')} |`).join('\n');
}

function seenIn(result: Result | undefined): string {
  if (result === undefined) return 'not run yet';
  const broken = result.promises.filter((tried) => tried.broken.length > 0);
  const verdict = broken.length === 0 ? 'kept' : `**not kept**: ${broken.map(({ promise }) => promise).join('; ')}`;
  return [verdict, result.figures[0]].filter(Boolean).join('; ');
}

function figuresOf(rows: readonly Row[], results: ReadonlyMap<string, Result>): string {
  return rows
    .flatMap(({ soaks }) => soaks)
    .flatMap((soak) => results.get(soak) ?? [])
    .map(({ soak, at, seconds, cores, node, loadBefore, figures, promises }) => {
      const lines = promises.map(
        ({ promise, broken }) => `${broken.length === 0 ? 'kept' : `**not kept** (${broken.length})`}: ${promise}`,
      );
      const when = `${at.slice(0, 10)}, ${seconds} s, ${cores} cores, load before it ${loadBefore}, Node ${node}`;
      return [`${commandOf(soak)} (${when})`, '', ...[...figures, ...lines].map((line) => `- ${inLine(line)}`)].join(
        '\n',
      );
    })
    .join('\n\n');
}

const code = (text: string) => `\`${text}\``;
const commandOf = (soak: string) => code(`npm run soak -- ${soak}`);
const inLine = (text: string) => text.trim().replaceAll(/\s+/g, ' ').replaceAll(/[<*_]/g, String.raw`\$&`);
const inCell = (text: string) => text.replaceAll('|', String.raw`\|`);
