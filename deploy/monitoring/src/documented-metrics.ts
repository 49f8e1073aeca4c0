import { readFileSync } from 'node:fs';

/** A line of the table of metrics for those who run Platen. Tests of the whole hold the table to running services. */
export interface DocumentedMetric {
  readonly name: string;
  /** Whose: `planes`, `data plane`, `planes, with Kafka` … */
  readonly of: string;
  readonly labels: readonly string[];
  /** All of its line, which names the values of labels that have few. */
  readonly line: string;
}

export function readDocumentedMetrics(): ReadonlyMap<string, DocumentedMetric> {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const [, rest = ''] = page.split('\n### Metrics\n');
  const [section = ''] = rest.split('\n### ');
  const rows = [...section.matchAll(/^\| (`[^|]*) \| ([^|]*?) \| ?([^|]*?) ?\|.*$/gm)];
  return new Map(
    rows.flatMap(([line, names = '', of = '', by = '']) =>
      [...names.matchAll(/`([a-z_]+)`/g)].map(([, name = '']): [string, DocumentedMetric] => [
        name,
        { name, of, labels: by === '' ? [] : by.split(', '), line },
      ]),
    ),
  );
}

/** The metric that a histogram's part is of. */
export const familyOf = (metric: string, known: { has(name: string): boolean }): string =>
  known.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, '');
