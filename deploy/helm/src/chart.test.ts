import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import {
  chartDir,
  helmIsMissing,
  lintChart,
  podsOf,
  readResources,
  renderText,
  shapes,
  validateFile,
} from './chart.js';

const folder = await mkdtemp(path.join(tmpdir(), 'platen-chart-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const services = ['control-plane', 'data-plane', 'erp-worker', 'telemetry-worker'];

async function fileOf(text: string): Promise<string> {
  const file = path.join(folder, 'manifest.yaml');
  await writeFile(file, text);
  return file;
}

t.test(
  'Kubernetes takes each shape, its oldest version and its newest',
  { skip: helmIsMissing, timeout: 120_000 },
  async (t) => {
    for (const shape of shapes) {
      t.match((await lintChart(shape)).stdout, '0 chart(s) failed');
      const file = await fileOf(await renderText(shape));
      for (const version of ['1.29', '1.37']) await t.resolves(validateFile(file, version), `${shape} ${version}`);
    }
  },
);

t.test('and refuses a misspelt field, a wrong type', { skip: helmIsMissing, timeout: 120_000 }, async (t) => {
  const text = await renderText('minimal');
  for (const [right, wrong] of [
    ['readOnlyRootFilesystem:', 'readOnlyRootFileSystem:'],
    ['containerPort: 4000', 'containerPort: "4000"'],
    ['maxUnavailable: 1', 'maxUnavailble: 1'],
  ] as const) {
    t.ok(text.includes(right));
    await t.rejects(validateFile(await fileOf(text.replace(right, wrong)), '1.31'), { code: 1 }, wrong);
  }
});

t.test("Prometheus' operator takes what is made for it", { skip: helmIsMissing }, async (t) => {
  const resources = readResources(await renderText('full'));
  for (const [kind, plural] of [
    ['ServiceMonitor', 'servicemonitors'],
    ['PrometheusRule', 'prometheusrules'],
  ]) {
    const text = await readFile(new URL(`../../../.ci/cache/kubernetes/${plural}.yaml`, import.meta.url), 'utf8');
    const { spec } = parse(text) as { spec: { versions: { schema: { openAPIV3Schema: object } }[] } };
    const check = new Ajv({ strict: false, validateFormats: false }).compile(
      closed(spec.versions[0]?.schema.openAPIV3Schema ?? {}),
    );
    const resource = resources.find((found) => found.kind === kind);
    t.ok(check(resource), JSON.stringify(check.errors));
    t.notOk(check({ ...resource, spec: { ...Object(resource?.spec), lables: {} } }), 'a misspelt field');
  }
});

/** As a server with strict fields reads it: nothing but what is named. Patterns are of Go, and left out. */
function closed(schema: object): object {
  const entries = Object.entries(schema)
    .filter(([key, value]) => key !== 'pattern' || typeof value !== 'string')
    .map(([key, value]: [string, unknown]) => [key, isObject(value) ? closed(value) : value]);
  const isClosed = 'properties' in schema && !('additionalProperties' in schema) && 'type' in schema;
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) };
}
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

t.test('values that make nothing are refused', { skip: helmIsMissing }, async (t) => {
  for (const [value, said] of [
    ['baseDomain=', 'baseDomain'],
    ['image.registry=', 'registry'],
    ['storage.local.existingClaim=', 'existingClaim'],
    ['kafka.enabled=true', 'brokers'],
    ['controlPlane.replica=3', 'replica'],
    ['networkPolicy.egress.databases=null', 'databases'],
    ['podSecurityContext.runAsNonRoot=false', 'runAsNonRoot'],
  ] as const) {
    await t.rejects(renderText('minimal', '--set', value), { message: new RegExp(said) }, value);
  }
});

t.test('pods cannot do what they need not', { skip: helmIsMissing }, async (t) => {
  for (const shape of shapes) {
    const pods = podsOf(readResources(await renderText(shape)));
    t.same([...pods.keys()].sort(), [...services, 'migrations'].sort());
    for (const [component, { spec }] of pods) {
      t.equal(spec.automountServiceAccountToken, false, component);
      t.match(spec.securityContext, {
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext, resources, volumeMounts } of spec.containers) {
        t.same(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        t.match(resources, { requests: { cpu: /./, memory: /./ }, limits: { memory: /./ } }, component);
        t.ok(
          volumeMounts.some(({ mountPath }) => mountPath === '/tmp'),
          component,
        );
      }
    }
  }
});

t.test('services are probed, spread, and given the time that they need to end', { skip: helmIsMissing }, async (t) => {
  const resources = readResources(await renderText('full', '--set', 'drainSeconds=20'));
  const pods = podsOf(resources);
  for (const component of services) {
    const spec = pods.get(component)?.spec;
    const drains = component.endsWith('plane');
    const [container] = spec?.containers ?? [];
    const ready = drains ? '/ready' : '/health';
    t.match(container?.startupProbe, { httpGet: { path: '/health', port: 'internal' } });
    t.match(container?.livenessProbe, { httpGet: { path: '/health', port: 'internal' } });
    t.match(container?.readinessProbe, { httpGet: { path: ready, port: 'internal' } });
    t.equal(container?.env.find(({ name }) => name === 'DRAIN_TIME')?.value, drains ? '20s' : undefined);
    // A service is gone ten seconds after draining at the latest.
    t.ok((spec?.terminationGracePeriodSeconds ?? 0) > (drains ? 20 : 0) + 10, component);
    t.equal(spec?.topologySpreadConstraints?.length, 2);
    const budget = resources.find(
      ({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === `platen-${component}`,
    );
    t.match(budget?.spec, {
      maxUnavailable: 1,
      selector: { matchLabels: { 'app.kubernetes.io/component': component } },
    });
  }
  const scaled = resources.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').map(({ spec }) => spec);
  t.match(scaled, [
    { scaleTargetRef: { kind: 'Deployment', name: 'platen-control-plane' } },
    { scaleTargetRef: { kind: 'StatefulSet', name: 'platen-data-plane' } },
    { scaleTargetRef: { kind: 'Deployment', name: 'platen-erp-worker' } },
  ]);
});

t.test('images are those that the Dockerfile makes', { skip: helmIsMissing }, async (t) => {
  const dockerfile = await readFile(path.join(chartDir, '../../images/Dockerfile'), 'utf8');
  const targets = [...dockerfile.matchAll(/^FROM runtime AS (\S+)$/gm)].map(([, name]) => name);
  const images = [...podsOf(readResources(await renderText('minimal'))).values()].flatMap(({ spec }) =>
    spec.containers.map(({ image }) => image),
  );
  t.same(images.sort(), targets.map((name) => `registry.example.com/platen/${name}:0.1.0`).sort());
});
