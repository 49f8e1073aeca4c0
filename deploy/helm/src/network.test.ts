import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { controlInternalContracts, dataInternalContracts } from '@platen/schema/contracts/internal/index';
import { platformContracts } from '@platen/schema/contracts/platform/index';
import t from 'tap';
import { helmIsMissing, podsOf, type Resource, readResources, renderText, shapes } from './chart.js';

interface Peer {
  readonly podSelector?: { readonly matchLabels?: Record<string, string> };
  readonly namespaceSelector?: { readonly matchLabels?: Record<string, string> };
  readonly ipBlock?: object;
}
interface Policy {
  readonly podSelector: { readonly matchLabels: Record<string, string> };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly { readonly ports?: readonly { port: number }[]; readonly from?: readonly Peer[] }[];
  readonly egress?: readonly { readonly ports?: readonly { port: number }[]; readonly to?: readonly Peer[] }[];
}
const policiesOf = (resources: readonly Resource[]): Policy[] =>
  resources.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as Policy);
const selects = ({ podSelector }: Policy, labels: Record<string, string>): boolean =>
  Object.entries(podSelector.matchLabels).every(([name, value]) => labels[name] === value);
const nameOf = ({ podSelector, namespaceSelector }: Peer): string =>
  podSelector?.matchLabels?.['app.kubernetes.io/component'] ??
  namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] ??
  'anybody';

const monitoring = 'monitoring';
const callers: Record<string, readonly string[]> = {
  'control-plane 4000': ['ingress-nginx'],
  'control-plane 4100': ['data-plane', 'erp-worker', monitoring, 'telemetry-worker'],
  'data-plane 4001': ['ingress-nginx'],
  'data-plane 4101': ['control-plane', 'erp-worker', monitoring, 'telemetry-worker'],
  'erp-worker 4200': [monitoring],
  'telemetry-worker 4201': [monitoring],
};

t.test('each port is reached by those who need it, and by nobody else', { skip: helmIsMissing }, async (t) => {
  for (const shape of shapes) {
    const resources = readResources(await renderText(shape));
    const policies = policiesOf(resources);
    const reached: Record<string, readonly string[]> = {};
    for (const [component, { labels, spec }] of podsOf(resources)) {
      const own = policies.filter((policy) => selects(policy, labels));
      t.ok(
        own.some(({ policyTypes }) => policyTypes.includes('Ingress') && policyTypes.includes('Egress')),
        component,
      );
      for (const { containerPort } of spec.containers.flatMap(({ ports = [] }) => ports)) {
        const rules = own.flatMap(({ ingress = [] }) => ingress);
        t.notOk(
          rules.some(({ ports, from }) => !ports?.length || !from?.length),
          'a rule without ports or peers lets all in',
        );
        const peers = rules.filter(({ ports }) => ports?.some(({ port }) => port === containerPort));
        reached[`${component} ${containerPort}`] = [
          ...new Set(peers.flatMap(({ from = [] }) => from.map(nameOf))),
        ].sort();
      }
    }
    // Nobody said who the proxy and Prometheus are in the small one.
    const ours = (names: readonly string[]) => names.filter((name) => /plane|worker/.test(name));
    t.same(
      reached,
      shape === 'full' ? callers : Object.fromEntries(Object.entries(callers).map(([port, by]) => [port, ours(by)])),
    );
  }
});

t.test('a pod that no policy knows by its component talks to nobody', { skip: helmIsMissing }, async (t) => {
  const policies = policiesOf(readResources(await renderText('minimal')));
  const labels = {
    'app.kubernetes.io/name': 'platen',
    'app.kubernetes.io/instance': 'platen',
    'app.kubernetes.io/component': 'new',
  };
  const own = policies.filter((policy) => selects(policy, labels));
  t.match(own, [{ policyTypes: ['Ingress', 'Egress'] }]);
  t.notOk(own.some(({ ingress, egress }) => ingress ?? egress));
});

t.test('who goes out goes where it must', { skip: helmIsMissing }, async (t) => {
  const resources = readResources(await renderText('full'));
  const policies = policiesOf(resources);
  const ports = (component: string) => {
    const { labels = {} } = podsOf(resources).get(component) ?? {};
    const rules = policies.filter((policy) => selects(policy, labels)).flatMap(({ egress = [] }) => egress);
    t.notOk(
      rules.some((rule) => !rule.ports?.length || !rule.to?.length),
      component,
    );
    return [...new Set(rules.flatMap((rule) => rule.ports?.map(({ port }) => port) ?? []))].sort((a, b) => a - b);
  };
  t.same(ports('control-plane'), [53, 4101, 4318, 5432, 6379, 9093]);
  t.same(ports('data-plane'), [53, 443, 4100, 4318, 5432, 6379, 9093]);
  // Workers know no database and no Redis.
  t.same(ports('erp-worker'), [53, 443, 587, 4100, 4101, 4318, 9093]);
  t.same(ports('telemetry-worker'), [53, 4100, 4101, 4318, 9093]);
  t.same(ports('migrations'), [53, 5432]);
});

const pathsOf = (contracts: object): string[] =>
  'path' in contracts && 'method' in contracts
    ? [String(contracts.path)]
    : Object.values(contracts).flatMap((value: unknown) =>
        typeof value === 'object' && value !== null ? pathsOf(value) : [],
      );

t.test('both planes are under one host, and nothing internal is', { skip: helmIsMissing }, async (t) => {
  const ingress = readResources(await renderText('full', '--set', 'ingress.frontEnd=null')).find(
    ({ kind }) => kind === 'Ingress',
  );
  const { rules } = (ingress?.spec ?? { rules: [] }) as {
    rules: {
      host: string;
      http: {
        paths: { path: string; pathType: string; backend: { service: { name: string; port: { name: string } } } }[];
      };
    }[];
  };
  t.same(
    rules.map(({ host }) => host),
    ['*.shops.example.com', 'shop.example.org'],
  );
  for (const { http } of rules) {
    t.ok(http.paths.every(({ pathType, backend }) => pathType === 'Prefix' && backend.service.port.name === 'http'));
    const serviceOf = (path: string) =>
      http.paths
        .filter((rule) => path === rule.path || path.startsWith(`${rule.path}/`))
        .map(({ backend }) => backend.service.name);
    const wrong = (paths: readonly string[], service: string) =>
      paths.filter((path) => serviceOf(path).join() !== service);
    const documents = (plane: string) => [`/docs/${plane}`, `/docs/${plane}/assets/1/a.js`, `/openapi/${plane}.json`];
    t.same(
      wrong(
        [...pathsOf(controlContracts), ...pathsOf(platformContracts), ...documents('control')],
        'platen-control-plane',
      ),
      [],
    );
    t.same(wrong([...pathsOf(dataContracts), ...documents('data')], 'platen-data-plane'), []);
    const internal = [...pathsOf(controlInternalContracts), ...pathsOf(dataInternalContracts)];
    t.ok(internal.length > 30);
    t.same(
      [...internal, '/health', '/ready', '/metrics', '/'].filter((path) => serviceOf(path).length > 0),
      [],
    );
  }
});
