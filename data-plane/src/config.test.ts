import { randomBytes } from 'node:crypto';
import { ConfigError } from '@platen/chassis/config/load-config';
import t from 'tap';
import { readConfig } from './config.js';

const base = {
  CONTROL_INTERNAL_URL: 'http://127.0.0.1:4100',
  SERVICE_CLIENT_ID: 'data-plane',
  SERVICE_CLIENT_SECRET: 'a secret for tests',
  DATA_DB_CATALOG: JSON.stringify({
    'erp-1': {
      url: 'postgres://app@127.0.0.1/erp',
      system_url: 'postgres://system@127.0.0.1/erp',
      kind: 'erp',
      pool_size: 5,
    },
  }),
};
const production = {
  ...base,
  NODE_ENV: 'production',
  CURSOR_SECRET: randomBytes(32).toString('hex'),
  QUOTE_LINK_SECRET: randomBytes(32).toString('hex'),
};
const newKey = () => randomBytes(32).toString('base64');
const developmentKey = Buffer.from('platen development key, 32 bytes').toString('base64');
const problemsOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

t.test('the key of credentials: one of its own in production, two while it is changed', async (t) => {
  const [older, newer] = [newKey(), newKey()];
  const { cipher } = readConfig({ ...production, DN_CREDENTIALS_KEY: older }).deconetwork;
  const sealed = cipher.encrypt('password', 'row');
  const both = readConfig({ ...production, DN_CREDENTIALS_KEY: `${newer}, ${older}` }).deconetwork.cipher;
  t.equal(both.decrypt(sealed, 'row'), 'password');
  t.equal(
    readConfig({ ...base, DN_CREDENTIALS_KEY: newer }).deconetwork.cipher.decrypt(both.encrypt('x', 'row'), 'row'),
    'x',
  );
  t.equal(problemsOf(base), '', 'a default for development');
  for (const key of [
    '',
    developmentKey,
    `${newer},${developmentKey}`,
    'short',
    `${newer},`,
    `${newer},${'a'.repeat(43)}b`,
  ]) {
    const problem = problemsOf({ ...production, DN_CREDENTIALS_KEY: key });
    t.match(problem, /DN_CREDENTIALS_KEY/, `refused: ${key.length} characters`);
    t.notOk(problem.includes(newer), 'without its value');
  }
});

t.test('hosts of our own that may be called', async (t) => {
  const { allowedHosts } = readConfig({ ...base, OUTBOUND_ALLOWED_HOSTS: '127.0.0.1:4700' }).deconetwork;
  t.same([...allowedHosts], ['127.0.0.1:4700']);
  t.match(problemsOf({ ...base, OUTBOUND_ALLOWED_HOSTS: '127.0.0.1' }), /OUTBOUND_ALLOWED_HOSTS/);
});
