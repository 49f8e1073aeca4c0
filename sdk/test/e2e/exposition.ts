/** The text format of Prometheus: families of metrics with their samples. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const familyPattern = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary)$/;
const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN)$/;
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/g;
/** What a histogram makes of its name. */
const suffixes = /_(bucket|sum|count)$/;

/** @throws Error at the first line that is none of the format, or a sample of a family that was not announced */
export function readExposition(text: string): Map<string, Family> {
  const families = new Map<string, { name: string; type: string; samples: Sample[] }>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const [, familyName, type] = familyPattern.exec(line) ?? [];
    if (familyName !== undefined && type !== undefined) {
      families.set(familyName, { name: familyName, type, samples: [] });
      continue;
    }
    const [, name = '', labelText = '', value] = samplePattern.exec(line) ?? [];
    const family = families.get(name) ?? families.get(name.replace(suffixes, ''));
    if (value === undefined || family === undefined) throw new Error(`not of the format: ${line}`);
    family.samples.push({ labels: readLabels(labelText, line), value: Number(value.replace('Inf', 'Infinity')) });
  }
  return families;
}

function readLabels(text: string, line: string): Record<string, string> {
  const found = [...text.matchAll(labelPattern)];
  if (found.map(([whole]) => whole).join('') !== text) throw new Error(`not labels: ${line}`);
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
}
