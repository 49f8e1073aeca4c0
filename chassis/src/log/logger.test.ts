import t from 'tap';
import { recordLog } from '../testkit/http.js';
import { withScope } from './logger.js';

const fields = ['context', 'correlation_id', 'data', 'level', 'message', 'service', 'tenant_id', 'timestamp'];

t.test('every line has exactly the fields', async (t) => {
  const { log, lines } = recordLog();
  const context = { organization_id: 'o', workspace_id: null, user_id: 'u' };
  const child = withScope(log, { correlationId: 'c', tenantId: 't', context });
  log.info('plain');
  log.info({ a: 1 });
  log.info({ a: 1 }, 'with data');
  log.error(new Error('alone'));
  child.info({ service: 'not the service', level: 'x', tenant_id: 'not the tenant', message: 'm' }, 'in scope');
  child.warn('%s and %d', 'text', 2);
  withScope(child, { correlationId: 'other', tenantId: null, context: null }).info('rebound');
  for (const line of lines) t.same(Object.keys(line).sort(), fields);
  t.match(lines[0], { level: 'info', service: 'test', message: 'plain', correlation_id: null, data: null });
  t.match(lines[0]?.['timestamp'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  t.match(lines[1], { message: '', data: { a: 1 } });
  t.match(lines[3], { message: 'alone', data: { error: { name: 'Error', message: 'alone', stack: /logger\.test/ } } });
  t.match(lines[4], {
    service: 'test',
    level: 'info',
    tenant_id: 't',
    correlation_id: 'c',
    context,
    message: 'in scope',
  });
  t.equal(lines[5]?.['message'], 'text and 2');
  t.match(lines[6], { correlation_id: 'other', tenant_id: null, context: null });
});

t.test('nothing secret is written', async (t) => {
  const { log, text } = recordLog();
  const canary = 'c4n4ry-7f3a';
  const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.${canary}`;
  log.info(
    {
      password: canary,
      new_password: canary,
      passwordHash: canary,
      password_hash: canary,
      token: canary,
      refreshToken: canary,
      accept_token_hash: canary,
      headers: {
        Authorization: `Bearer ${canary}`,
        cookie: `platen_at=${canary}`,
        'set-cookie': [canary],
        'x-api-key': canary,
      },
      nested: [{ deep: { client_secret: canary, private_key: canary, key: canary, totp_secret: canary } }],
      text: `it said Bearer ${canary} and ${jwt}`,
      url: `postgres://user:${canary}@host/db`,
      query: `?token=${canary}&x=1`,
    },
    'a line',
  );
  const cause = Object.assign(new Error(`connect postgres://user:${canary}@host`), {
    detail: `Key (email)=(${canary})`,
  });
  log.error(new AggregateError([cause], 'several', { cause: new Error('outer', { cause: { secret: canary } }) }));
  t.notMatch(text(), canary);
  t.match(text(), /\[redacted\]/);
});

t.test('odd values do not break a line', async (t) => {
  const { log, lines } = recordLog();
  const circular: Record<string, unknown> = { big: 1n, date: new Date(0), bytes: Buffer.alloc(3), nothing: undefined };
  circular['self'] = circular;
  log.info(circular, 'odd');
  t.match(lines[0], { data: { big: '1', date: '1970-01-01T00:00:00.000Z', bytes: '[3 bytes]' } });
});
