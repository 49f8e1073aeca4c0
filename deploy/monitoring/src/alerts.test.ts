import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dataContracts } from '@platen/schema/contracts/data/index';
import t from 'tap';
import { parse } from 'yaml';
import { monitoringDir, readAlerts } from './expressions.js';
import { readPromql } from './promql.js';
import { findTool } from './tools.js';

const run = promisify(execFile);
const alerts = readAlerts();
const names = alerts.map(({ alert }) => alert);
const read = (name: string) => readFile(new URL(name, monitoringDir), 'utf8');

t.test('each alert says how bad it is, of what, and where to read on', async (t) => {
  t.equal(new Set(names).size, names.length);
  for (const { alert, for: pending, labels, annotations } of alerts) {
    t.match(alert, /^Platen[A-Z][A-Za-z]+$/);
    t.match(labels['severity'], /^(warning|critical)$/, alert);
    t.match(pending, /^\d+m$/, alert);
    t.ok(annotations['summary'], alert);
    t.equal(annotations['runbook_url'], `docs/alerts.md#${alert.toLowerCase()}`);
  }
});

t.test('the page has each alert and no other', async (t) => {
  const page = await read('../../docs/alerts.md');
  t.same(
    [...page.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading),
    names,
  );
  for (const section of page.split(/^### /m).slice(1)) {
    const [name = ''] = section.split('\n', 1);
    t.match(section, /^\*\*Means\*\* .+/m, name);
    t.match(section, /^\*\*Do\*\* .+/m, name);
  }
});

t.test('each alert is shown to fire and not to fire', async (t) => {
  const { tests } = parse(await read('alerts.test.yaml')) as { tests: TestCase[] };
  for (const alert of names) {
    const cases = tests.filter(({ name }) => name.startsWith(`${alert} `)).flatMap((found) => found.promql_expr_test);
    t.ok(
      cases.every(({ expr }) => expr.includes(`alertname="${alert}"`)),
      alert,
    );
    t.same([...new Set(cases.map(({ exp_samples }) => exp_samples.length > 0))].sort(), [false, true], alert);
  }
});
interface TestCase {
  readonly name: string;
  readonly promql_expr_test: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
}

t.test('latencies are those of requests, not of streams, which are open for hours', async (t) => {
  const matchers = alerts
    .filter(({ expr }) => expr.includes('_bucket'))
    .flatMap(({ expr }) => readPromql(expr).selectors.filter(({ metric }) => metric.endsWith('_bucket')));
  t.ok(matchers.length > 0);
  const streams = listStreams(dataContracts);
  t.ok(streams.length >= 5);
  for (const { matchers: found } of matchers) {
    const but = found.find(({ label, operator }) => label === 'route' && operator === '!~')?.value ?? '';
    t.same(
      streams.filter((route) => !new RegExp(`^(?:${but})$`).test(route)),
      [],
    );
  }
});

function listStreams(contracts: object): string[] {
  if ('events' in contracts && 'path' in contracts && typeof contracts.path === 'string') return [contracts.path];
  const values: unknown[] = 'method' in contracts ? [] : Object.values(contracts);
  return values.flatMap((value) => (typeof value === 'object' && value !== null ? listStreams(value) : []));
}

const promtool = findTool('promtool');
const skip = promtool === null && 'promtool is not here: .ci/monitoring';

t.test('promtool', { skip, timeout: 120_000 }, async (t) => {
  const check = (...args: string[]) => run(promtool ?? '', args, { cwd: fileURLToPath(monitoringDir) });
  t.match((await check('check', 'rules', 'alerts.yaml')).stdout, `${names.length} rules found`);
  t.match((await check('test', 'rules', 'alerts.test.yaml')).stdout, 'SUCCESS');

  const folder = await mkdtemp(path.join(tmpdir(), 'platen-alerts-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const rules = await read('alerts.yaml');
  const broken = path.join(folder, 'alerts.yaml');
  for (const [right, wrong] of [
    ['for: 2m', 'fro: 2m'],
    ['sum by (job)', 'sum of (job)'],
    ['$labels.job', '$label.job'],
  ] as const) {
    await writeFile(broken, rules.replace(right, wrong));
    await t.rejects(check('check', 'rules', broken), wrong);
  }
  // A threshold that nobody reaches: the tests of rules see it.
  await writeFile(broken, rules.replace('feed_age_seconds > 120', 'feed_age_seconds > 1200'));
  const { tests, ...rest } = parse(await read('alerts.test.yaml')) as { tests: TestCase[] };
  const cases = { ...rest, tests: tests.filter(({ name }) => name.startsWith('PlatenFeedOld ')) };
  await writeFile(path.join(folder, 'alerts.test.yaml'), JSON.stringify(cases));
  await t.rejects(run(promtool ?? '', ['test', 'rules', 'alerts.test.yaml'], { cwd: folder }), { code: 1 });
});
