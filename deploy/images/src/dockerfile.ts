import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const imageNames = ['control-plane', 'data-plane', 'erp-worker', 'telemetry-worker', 'migrate'] as const;
export type ImageName = (typeof imageNames)[number];

/** What a container of an image begins with. */
export interface ImageSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly stopSignal: string;
  readonly workingDir: string;
  /** Entry point and command. */
  readonly command: readonly string[];
  readonly healthcheck: readonly string[] | undefined;
  readonly ports: readonly string[];
  readonly labels: readonly string[];
}

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

const file = fileURLToPath(new URL('../Dockerfile', import.meta.url));

/** Of a target of our Dockerfile, with what it inherits. It reads the forms that we write; hadolint reads the language. */
export function imageSettings(target: string, text = readFileSync(file, 'utf8')): ImageSettings {
  const lines = inherited(stagesOf(text), target);
  const all = (word: string) => lines.filter((line) => line.word === word).map(({ rest }) => rest);
  const last = (word: string) => all(word).at(-1) ?? '';
  const healthcheck = /CMD (\[.*\])$/.exec(last('HEALTHCHECK'))?.[1];
  return {
    env: Object.fromEntries(all('ENV').flatMap(pairsOf)),
    user: last('USER'),
    stopSignal: last('STOPSIGNAL'),
    workingDir: last('WORKDIR'),
    command: [...words(last('ENTRYPOINT')), ...words(last('CMD'))],
    healthcheck: healthcheck === undefined ? undefined : words(healthcheck),
    ports: all('EXPOSE').flatMap((rest) => rest.split(' ')),
    labels: all('LABEL').flatMap((rest) => pairsOf(rest).map(([name]) => name)),
  };
}

function stagesOf(text: string): Map<string, { from: string; lines: Instruction[] }> {
  const stages = new Map<string, { from: string; lines: Instruction[] }>();
  let lines: Instruction[] = [];
  const joined = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '');
  for (const line of joined.split('\n').filter((one) => one.trim() !== '')) {
    const [word = '', ...others] = line.split(' ');
    const rest = others.join(' ').trim();
    if (word === 'FROM') {
      const [from = '', name = ''] = rest.split(' AS ');
      lines = [];
      stages.set(name, { from, lines });
    } else lines.push({ word, rest });
  }
  return stages;
}

function inherited(stages: ReturnType<typeof stagesOf>, target: string): Instruction[] {
  const stage = stages.get(target);
  return stage === undefined ? [] : [...inherited(stages, stage.from), ...stage.lines];
}

const pairsOf = (rest: string): [string, string][] =>
  [...rest.matchAll(/([\w.]+)=("[^"]*"|\S+)/g)].map(([, name = '', value = '']) => [name, value.replaceAll('"', '')]);

/** @throws where it is a shell's line: nothing would run it. */
function words(list: string): string[] {
  const value: unknown = JSON.parse(list);
  if (!Array.isArray(value)) throw new Error(`not in exec form: ${list}`);
  return value.map(String);
}
