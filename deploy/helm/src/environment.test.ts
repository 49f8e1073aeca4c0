import { Environment as ControlEnvironment, readConfig as readControl } from '@platen/control-plane/config';
import { readSeedConfig, SeedEnvironment } from '@platen/control-plane/seed/config';
import { Environment as DataEnvironment, readConfig as readData } from '@platen/data-plane/config';
import { Environment as ErpWorkerEnvironment, readConfig as readErpWorker } from '@platen/erp-worker/config';
import { modules } from '@platen/schema/modules';
import {
  readConfig as readTelemetryWorker,
  Environment as TelemetryEnvironment,
} from '@platen/telemetry-worker/config';
import t from 'tap';
import { type EnvVariable, helmIsMissing, podsOf, readResources, renderText, shapes } from './chart.js';

type Env = Record<string, string>;
type Fields = Readonly<Record<string, object>>;
const migrations = { MIGRATE_CONTROL_DB_URL: { isSecret: true }, MIGRATE_DB_CATALOG: { isSecret: true } };
const components: Record<string, { fields: Fields; read: (env: Env) => unknown }> = {
  'control-plane': { fields: ControlEnvironment.properties, read: readControl },
  'data-plane': { fields: DataEnvironment.properties, read: readData },
  'erp-worker': { fields: ErpWorkerEnvironment.properties, read: readErpWorker },
  'telemetry-worker': { fields: TelemetryEnvironment.properties, read: readTelemetryWorker },
  migrations: { fields: { ...SeedEnvironment.properties, ...migrations }, read: readSeedConfig },
};
const flags = Object.values(modules).flatMap((module) => ('featureFlag' in module ? [String(module.featureFlag)] : []));
const ofNode = ['NODE_EXTRA_CA_CERTS'];

/** What an operator would have put into the Secret. */
function secretValue(name: string): string {
  if (name === 'REDIS_URL') return 'redis://redis:6379';
  if (name.endsWith('_URL')) return 'postgres://somebody:something@database/platen';
  if (name.endsWith('_HEADERS')) return 'authorization=something';
  return Buffer.alloc(32, name).toString('base64');
}
const catalogue = '{"erp-1": {"url": "postgres://a@b/c", "system_url": "postgres://d@b/c", "kind": "erp"}}';

const envOf = (variables: readonly EnvVariable[]): Env =>
  Object.fromEntries(
    variables.map(({ name, value }) => [name, name.endsWith('_CATALOG') ? catalogue : (value ?? secretValue(name))]),
  );

t.test('each service starts on what its container is given', { skip: helmIsMissing }, async (t) => {
  for (const shape of shapes) {
    const pods = podsOf(readResources(await renderText(shape)));
    for (const [component, { fields, read }] of Object.entries(components)) {
      const variables = pods.get(component)?.spec.containers[0]?.env ?? [];
      const names = variables.map(({ name }) => name);
      t.equal(new Set(names).size, names.length, `${component}: each once`);
      t.same(
        names.filter((name) => !(name in fields) && !flags.includes(name) && !ofNode.includes(name)),
        [],
        component,
      );
      t.equal(envOf(variables)['NODE_ENV'], 'production');
      t.doesNotThrow(() => read(envOf(variables)), `${shape} ${component}`);
    }
  }
});

const isSecret = (field: object | undefined) => field !== undefined && 'isSecret' in field && field.isSecret === true;

t.test('secrets are references', { skip: helmIsMissing }, async (t) => {
  for (const shape of shapes) {
    for (const [component, { spec }] of podsOf(readResources(await renderText(shape)))) {
      const fields = components[component]?.fields ?? {};
      const given = spec.containers.flatMap(({ env }) => env).filter(({ name }) => isSecret(fields[name]));
      t.ok(given.length > 0, component);
      for (const { name, value, valueFrom } of given) {
        const file = name.endsWith('_CATALOG') && value === '/etc/platen/catalogue/catalogue.json';
        t.ok(file || valueFrom?.secretKeyRef.name, `${component} ${name}`);
      }
    }
  }
  t.notMatch(await renderText('full'), /^kind: Secret$/m);
});

t.test('a secret that lies elsewhere is looked for there', { skip: helmIsMissing }, async (t) => {
  const env = podsOf(readResources(await renderText('full'))).get('control-plane')?.spec.containers[0]?.env ?? [];
  const references = Object.fromEntries(env.map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef]));
  t.same(references['CONTROL_DB_URL'], { name: 'platen-control-database', key: 'tenant-url' });
  t.same(references['KEY_ENCRYPTION_KEY'], { name: 'platen-keys', key: 'KEY_ENCRYPTION_KEY' });
  t.same(references['REDIS_URL'], { name: 'platen', key: 'REDIS_URL' });
});

t.test('values have no place for a secret', { skip: helmIsMissing, timeout: 120_000 }, async (t) => {
  const names = Object.values(components).flatMap(({ fields }) =>
    Object.entries(fields).flatMap(([name, field]) => (isSecret(field) ? [name] : [])),
  );
  t.ok(names.length > 15);
  for (const name of new Set(names)) {
    await t.rejects(
      renderText('minimal', '--set', `dataPlane.env.${name}=something`),
      { message: /invalid propertyName/ },
      name,
    );
  }
  t.match(await renderText('minimal', '--set', 'controlPlane.env.PASSWORD_THREADS=4'), /PASSWORD_THREADS/);
});
