import t from 'tap';
import { Type } from 'typebox';
import { featureFlags } from './feature-flags.js';
import { ConfigError, duration, integerList, json, list, loadConfig, secret } from './load-config.js';

const schema = Type.Object({
  PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 4000 }),
  LEVEL: Type.Enum(['info', 'debug'], { default: 'info' }),
  VERBOSE: Type.Boolean({ default: false }),
  URL: Type.String({ minLength: 5 }),
  NOTE: Type.Optional(Type.String()),
  TIMEOUT: duration('15s'),
  HOSTS: list(['a']),
  PORTS: integerList([]),
  CATALOG: json(Type.Record(Type.String(), Type.Object({ url: Type.String() }))),
  SECRET: secret({ minLength: 8, developmentDefault: 'development-only' }),
});
const valid = { URL: 'http://x', CATALOG: '{"a":{"url":"u"}}' };

function problems(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
}

t.test('defaults and parsing', async (t) => {
  t.same(loadConfig(schema, valid), {
    PORT: 4000,
    LEVEL: 'info',
    VERBOSE: false,
    URL: 'http://x',
    TIMEOUT: 15_000,
    HOSTS: ['a'],
    PORTS: [],
    CATALOG: { a: { url: 'u' } },
    SECRET: 'development-only',
  });
  const given = { ...valid, PORT: '1', VERBOSE: 'true', TIMEOUT: '2m', HOSTS: 'x, y', PORTS: '1,2', NOTE: '' };
  t.match(loadConfig(schema, given), { PORT: 1, VERBOSE: true, TIMEOUT: 120_000, HOSTS: ['x', 'y'], PORTS: [1, 2] });
});

t.test('every problem at once, by its variable, without values of secrets', async (t) => {
  const found = problems({
    PORT: '0x',
    LEVEL: 'loud',
    VERBOSE: 'yes',
    TIMEOUT: '5',
    CATALOG: '{"a":"hunter2"',
    SECRET: 'hunter2',
    PORTS: '1,x',
  });
  t.same(found.map((problem) => problem.split(':', 1)[0]).sort(), [
    'CATALOG',
    'LEVEL',
    'PORT',
    'PORTS',
    'SECRET',
    'TIMEOUT',
    'URL',
    'VERBOSE',
  ]);
  t.notMatch(found.join(' '), 'hunter2');
  t.match(problems({ ...valid, CATALOG: '{"a":{}}' }), [/^CATALOG\/a: /]);
});

t.test('production does not start on a development default', async (t) => {
  const live = { ...valid, NODE_ENV: 'production' };
  t.match(problems(live), [/^SECRET: /]);
  t.match(problems({ ...live, SECRET: 'development-only' }), [/^SECRET: /]);
  t.same(problems({ ...live, SECRET: 'something of its own' }), []);
});

t.test('feature flags are on unless switched off', async (t) => {
  const isOn = featureFlags({ FEATURE_A: 'false', FEATURE_B: 'true', FEATURE_C: '0' });
  t.same(['FEATURE_A', 'FEATURE_B', 'FEATURE_C', 'FEATURE_D'].map(isOn), [false, true, false, true]);
});
