import type { Test } from 'tap';
import type { Type } from './environment.js';
import { linesOf, shellFencesOf } from './pages.js';
import { beginsWith, type Step, walks } from './walks.js';

interface Typed {
  readonly command: string;
  readonly step: Step;
}

/** The blocks of a page that a walk goes through: those with requests. */
const blocksOf = (page: string) => shellFencesOf(page).filter(({ text }) => /\bcurl\b/.test(text));
export const walkedLines = (page: string): string[] =>
  Object.hasOwn(walks, page) ? blocksOf(page).flatMap(({ text }) => linesOf(text)) : [];

/** All requests of a page in one shell, each judged by its status. */
export async function walkPage(
  t: Test,
  page: string,
  type: Type,
  places: Readonly<Record<string, string>>,
): Promise<void> {
  const before = beginsWith[page];
  const steps = [
    ...(before === undefined ? [] : stepsOf(t, before.page).map(asSomebodyElse(before.as))),
    ...stepsOf(t, page),
  ];
  const { code, out } = await type(replaceAll(steps.map(scriptOf).join('\n'), places));
  t.equal(code, 0, out);
  for (const [index, { command, step }] of steps.entries()) {
    const said = new RegExp(`^#${index}\\n([\\s\\S]*?)^##$`, 'm').exec(out)?.[1] ?? out;
    const [, status] = /^status (\d+)$/m.exec(said) ?? [];
    t.equal(status, step.status === undefined ? undefined : String(step.status), `${page}: ${command}\n${said}`);
    if (step.answers) t.match(said, step.answers, `${page}: ${command}`);
  }
}

export const replaceAll = (text: string, where: Readonly<Record<string, string>>): string =>
  Object.entries(where).reduce((done, [from, to]) => done.replaceAll(from, to), text);

const asSomebodyElse =
  (email: string) =>
  ({ command, step }: Typed): Typed => ({ command: command.replace(/[\w.]+@acme\.test/, email), step });

function stepsOf(t: Test, page: string): Typed[] {
  const commands = walkedLines(page);
  const steps = walks[page] ?? [];
  t.equal(commands.length, steps.length, `${page}: a step for each command`);
  return commands.flatMap((command, index) => {
    const step = steps[index];
    if (step === undefined) return [];
    t.ok(command.includes(step.says), `${page}: ${command} has ${step.says}`);
    return [{ command, step }];
  });
}

/** Without a shell of its own, as variables and functions stay; what it says between marks. */
function scriptOf({ command, step: { keeps = {} } }: Typed, index: number): string {
  // Of the answer's body: what begins as JSON, before the status that curl adds.
  const body = `JSON.parse(/^\\{[^]*(?=\\nstatus )/m.exec(require('fs').readFileSync('answer', 'utf8'))[0])`;
  const kept = Object.entries(keeps).map(([name, member]) => `${name}=$(node -p "${body}${member}")`);
  return [`echo '#${index}'`, `{ ${command}`, '} > answer', 'cat answer', ...kept, "echo '##'"].join('\n');
}
