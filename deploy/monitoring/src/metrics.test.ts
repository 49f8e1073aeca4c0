import t from 'tap';
import { familyOf, readDocumentedMetrics } from './documented-metrics.js';
import { listExpressions } from './expressions.js';
import { type Matcher, readPromql } from './promql.js';

const documented = readDocumentedMetrics();
/** What Prometheus adds to each series that it scrapes. */
const ofScrapes = ['job', 'instance'];
const labelsOf = (metric: string): readonly string[] =>
  metric === 'up' ? ofScrapes : [...(documented.get(familyOf(metric, documented))?.labels ?? []), ...ofScrapes, 'le'];

/** Problems of an expression with what services export. */
function findUnknown(expr: string): string[] {
  const { selectors, groupings } = readPromql(expr);
  const metrics = selectors.map(({ metric }) => metric);
  return [
    ...metrics.filter((metric) => metric !== 'up' && !documented.has(familyOf(metric, documented))),
    ...selectors.flatMap(({ metric, matchers }) =>
      matchers
        .filter((matcher) => !isKnown(metric, matcher))
        .map(({ label, value }) => `${metric}{${label}="${value}"}`),
    ),
    ...groupings.filter((label) => !metrics.some((metric) => labelsOf(metric).includes(label))),
  ];
}

/** Labels with a handful of values have them in the table. */
function isKnown(metric: string, { label, value }: Matcher): boolean {
  if (!labelsOf(metric).includes(label)) return false;
  if (label !== 'state' && label !== 'result') return true;
  const line = documented.get(familyOf(metric, documented))?.line ?? '';
  return value.split('|').every((word) => line.includes(`\`${word}\``));
}

t.test('alert rules and the dashboard ask for metrics and labels that there are', async (t) => {
  const expressions = listExpressions();
  t.ok(expressions.length > 60);
  for (const { of, expr } of expressions) t.same(findUnknown(expr), [], of);
});

t.test('what there is not is found', async (t) => {
  t.same(findUnknown('rate(http_request_seconds_count[5m])'), ['http_request_seconds_count']);
  t.same(findUnknown('jobs{status="queued"}'), ['jobs{status="queued"}']);
  t.same(findUnknown('jobs{state="stuck"}'), ['jobs{state="stuck"}']);
  t.same(findUnknown('sum by (tenant_id) (jobs)'), ['tenant_id']);
});

t.test('every metric that is exported is looked at', async (t) => {
  const asked = new Set(
    listExpressions().flatMap(({ expr }) =>
      readPromql(expr).selectors.map(({ metric }) => familyOf(metric, documented)),
    ),
  );
  const unseen = [...documented.keys()].filter((name) => !asked.has(name));
  t.same(unseen, ['feed_position'], 'a number that says something beside another one only');
});
