import { randomBytes, randomUUID } from 'node:crypto';
import type { TestDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { demoPassword, platformAdmins, roles } from '@platen/schema/seeds/identities';
import { TOTP } from 'otpauth';
import t from 'tap';
import type { RawAnswer } from './http.js';
import { mailTo } from './mail-folder.js';
import { startPlatform } from './platform.js';
import { bearer, readCookies } from './sign-in.js';
import { acme, acmePrint } from './world.js';

// Every secret of accounts, used rightly and wrongly: none is in a log, a refusal, a metric or a row of a database.
const names = ['control-plane', 'data-plane', 'erp-worker'] as const;
const talkative = { LOG_LEVEL: 'trace', AUTH_REQUESTS_PER_MINUTE: '100000' };
const platform = await startPlatform(t, {
  env: { 'control-plane': talkative, 'data-plane': { LOG_LEVEL: 'trace' }, 'erp-worker': { LOG_LEVEL: 'trace' } },
});
const { control, data, controlInternal, dataInternal, databases, secrets } = platform;

/** What must be nowhere, by what it is. */
const secretTexts = new Map<string, string>(Object.entries({ ...secrets, demoPassword }));
const keep = (what: string, text: string): string => {
  t.ok(text.length >= 6, `there is ${what}`);
  secretTexts.set(`${what} (${secretTexts.size})`, text);
  return text;
};
const plant = (what: string): string =>
  keep(what, `canary-${what.replaceAll(' ', '-')}-${randomBytes(9).toString('hex')}`);
const refusals: string[] = [];

interface Call {
  readonly body?: unknown;
  readonly token?: string;
  readonly cookie?: string;
  readonly key?: string;
}
async function ask(target: string, { body, token, cookie, key }: Call = {}): Promise<RawAnswer> {
  const [method = 'GET', path = ''] = target.split(' ');
  const host = path.startsWith('/platform/') ? 'platform' : 'acme';
  const send = /^\/api\/(erp|public)\//.test(path) ? data : path.startsWith('/internal/') ? controlInternal : control;
  const headers = {
    ...(token && bearer(token)),
    ...(cookie && { cookie, origin: `http://${host}.localhost:${platform.ports.control}` }),
    ...(key && { 'idempotency-key': key }),
  };
  const answer = await send({
    method,
    path,
    host: path.startsWith('/internal/') ? '127.0.0.1:1' : host,
    headers,
    body,
  });
  if (answer.status >= 400) refusals.push(answer.text);
  for (const [name, text] of Object.entries(readCookies(answer.headers['set-cookie']))) {
    if (text !== '') keep(`the cookie ${name}`, text);
  }
  return answer;
}
// Of the contracts' answers, each read where it is asked for.
function field({ json, text }: RawAnswer, name: string): string {
  const value = (json as Record<string, unknown> | undefined)?.[name];
  if (typeof value !== 'string') throw new Error(`There is no ${name} in ${text}`);
  return value;
}

const login = (email: string, password: string, totp?: string) =>
  ask('POST /api/auth/login', { body: { email, password, ...(totp !== undefined && { totp }) } });
const tokenOf = (answer: RawAnswer, name = 'platen_at') => readCookies(answer.headers['set-cookie'])[name] ?? '';
const [admin, sales] = acme.users;
const adminToken = tokenOf(await login(admin.email, demoPassword));

const linkOf = (mail: string): string => /#token=([\w-]{43})/.exec(mail)?.[1] ?? '';

t.test('API keys', async (t) => {
  const body = { name: 'Shop', role_id: roles.sales.id, scope: 'organization', organization_id: acmePrint.id };
  const key = randomUUID();
  const made = await ask('POST /api/admin/api-keys', { body, token: adminToken, key });
  t.equal(made.status, 201, made.text);
  const apiKey = keep('an API key', field(made, 'key'));
  const again = await ask('POST /api/admin/api-keys', { body, token: adminToken, key });
  t.match(again.json, { id: field(made, 'id'), key: null }, 'a replay does not show it again');
  const exchanged = await ask('POST /api/auth/token', { body: { api_key: apiKey } });
  t.equal(exchanged.status, 200, exchanged.text);
  keep('the token of an API key', field(exchanged, 'access_token'));
  for (const wrong of [`${apiKey.slice(0, -4)}AAAA`, plant('no API key')]) {
    await ask('POST /api/auth/token', { body: { api_key: keep('a wrong API key', wrong) } });
  }
  await ask('GET /api/auth/session', { token: apiKey });
  await ask('GET /api/erp/customers', { token: apiKey });
  await ask(`GET /api/erp/customers?api_key=${apiKey}`, { token: adminToken });
});

t.test('authenticators and recovery codes', async (t) => {
  const token = tokenOf(await login(sales.email, demoPassword));
  const begun = await ask('POST /api/auth/totp', { body: { password: demoPassword }, token });
  const secret = keep('a TOTP secret', field(begun, 'secret'));
  keep('a TOTP link', field(begun, 'otpauth_uri'));
  const code = (stepsAhead = 0) =>
    keep('a TOTP code', new TOTP({ secret }).generate({ timestamp: Date.now() + stepsAhead * 30_000 }));
  await ask('POST /api/auth/totp/confirm', { body: { code: keep('a wrong TOTP code', '031415') }, token });
  const confirmed = await ask('POST /api/auth/totp/confirm', { body: { code: code() }, token });
  t.equal(confirmed.status, 200, confirmed.text);
  const { recovery_codes: codes } = confirmed.json as { recovery_codes: string[] };
  for (const each of codes) keep('a recovery code', each);
  await login(sales.email, demoPassword);
  await login(sales.email, demoPassword, '271828');
  const [first = '', second = ''] = codes;
  const entered = await login(sales.email, demoPassword, first);
  t.equal(entered.status, 200, entered.text);
  await login(sales.email, demoPassword, first);
  const removed = await ask('DELETE /api/auth/totp', {
    body: { password: demoPassword, code: second },
    token: tokenOf(entered),
  });
  t.equal(removed.status, 204, removed.text);
});

t.test('invitations', async (t) => {
  const email = 'nina@example.test';
  const body = { email, role_id: roles.sales.id, scope: 'organization', organization_id: acmePrint.id };
  const invited = await ask('POST /api/admin/invitations', { body, token: adminToken, key: randomUUID() });
  t.equal(invited.status, 201, invited.text);
  const token = keep('an invitation’s token', linkOf(await mailTo(platform, email)));
  const weak = keep('a refused password', 'password1234');
  await ask('POST /api/auth/invitations/accept', { body: { token, name: 'Nina', password: weak } });
  await ask('POST /api/auth/invitations/accept', { body: { token, name: 'Nina', password: plant('pw'), extra: true } });
  const password = plant('an invited password');
  const accepted = await ask('POST /api/auth/invitations/accept', { body: { token, name: 'Nina', password } });
  t.equal(accepted.status, 200, accepted.text);
  await ask('POST /api/auth/invitations/accept', { body: { token, name: 'Nina', password } });
  await ask(`GET /api/auth/invitations/accept?token=${token}`);
});

t.test('passwords and e-mails', async (t) => {
  const [, , press, , manager] = acme.users;
  await ask('POST /api/auth/password-reset', { body: { email: press.email } });
  const token = keep('a reset’s token', linkOf(await mailTo(platform, press.email)));
  const password = plant('a reset password');
  await ask('POST /api/auth/password-reset/confirm', { body: { token, password: plant('pw'), extra: 1 } });
  const reset = await ask('POST /api/auth/password-reset/confirm', { body: { token, password } });
  t.ok(reset.status < 300, reset.text);
  await ask('POST /api/auth/password-reset/confirm', { body: { token, password } });
  const session = tokenOf(await login(manager.email, demoPassword));
  const changed = plant('a new password');
  const change = (current_password: string) =>
    ask('POST /api/auth/password', { body: { current_password, new_password: changed }, token: session });
  await change(plant('a wrong password'));
  t.equal((await change(demoPassword)).status, 204);
  await ask('POST /api/auth/email', {
    body: { new_email: 'boss@example.test', password: changed },
    token: session,
  });
  const link = keep('an e-mail change’s token', linkOf(await mailTo(platform, 'boss@example.test')));
  const confirmed = await ask('POST /api/auth/email/confirm', { body: { token: link } });
  t.ok(confirmed.status < 300, confirmed.text);
  await ask('POST /api/auth/email/confirm', { body: { token: link } });
  await ask('POST /api/auth/refresh', { cookie: `platen_rt=${plant('a refresh token')}` });
});

t.test('a quote’s link', async (t) => {
  const clerk = tokenOf(await login(sales.email, demoPassword));
  const list = await ask('GET /api/erp/customers?limit=1', { token: clerk });
  t.equal(list.status, 200, list.text);
  const { items } = list.json as { items: { id: string }[] };
  const email = 'quoted@example.test';
  const customer = `/api/erp/customers/${items[0]?.id}`;
  t.equal((await ask(`PATCH ${customer}`, { body: { email }, token: clerk })).status, 200);
  const drafts = await ask('GET /api/erp/products?status=active&limit=1', { token: clerk });
  const product = (drafts.json as { items: { id: string }[] }).items[0]?.id;
  const variants = await ask(`GET /api/erp/products/${product}/variants?limit=1`, { token: clerk });
  const variant = (variants.json as { items: { id: string }[] }).items[0]?.id;
  const lines = [{ product_id: product, sizes: [{ variant_id: variant, quantity: 24 }] }];
  const body = { customer_id: items[0]?.id, lines };
  const quote = await ask('POST /api/erp/quotes', { body, token: clerk, key: randomUUID() });
  t.equal(quote.status, 201, quote.text);
  const sent = await ask(`POST /api/erp/quotes/${field(quote, 'id')}/send`, { token: clerk, key: randomUUID() });
  const token = /#token=([0-9a-f]{32}\.[\w-]{43})/.exec(await mailTo(platform, email))?.[1] ?? '';
  keep('the secret of a quote’s link', token.split('.')[1] ?? '');
  t.equal((await ask(`GET /api/public/quotes/${token}`)).status, 200, 'the mail leads to the page');
  const answer = { action: 'accept', document_hash: field(sent, 'document_hash'), name: 'Ada' };
  await ask(`POST /api/public/quotes/${token}`, { body: { ...answer, document_hash: '0'.repeat(64) } });
  await ask(`POST /api/public/quotes/${token}`, { body: { ...answer, extra: true } });
  t.equal((await ask(`POST /api/public/quotes/${token}`, { body: answer, key: randomUUID() })).status, 200);
});

t.test('the platform', async (t) => {
  const signIn = (email: string, password: string) => ask('POST /platform/auth/login', { body: { email, password } });
  await signIn(platformAdmins.owner.email, plant('a wrong platform password'));
  const token = tokenOf(await signIn(platformAdmins.owner.email, demoPassword), 'platen_pat');
  const password = plant('a platform password');
  const body = { email: 'new@platform.test', name: 'Nora New', role: 'operator', password };
  const made = await ask('POST /platform/admins', { body, token, key: randomUUID() });
  t.equal(made.status, 201, made.text);
  await ask('POST /platform/admins', { body, token });
  const other = plant('another platform password');
  const reset = `POST /platform/admins/${field(made, 'id')}/reset-password`;
  t.equal((await ask(reset, { body: { password: other }, token, key: randomUUID() })).status, 200);
  const session = tokenOf(await signIn('new@platform.test', other), 'platen_pat');
  const begun = await ask('POST /platform/auth/totp', { body: { password: other }, token: session });
  const secret = keep('a platform TOTP secret', field(begun, 'secret'));
  const code = keep('a platform TOTP code', new TOTP({ secret }).generate());
  const confirmed = await ask('POST /platform/auth/totp/confirm', { body: { code }, token: session });
  for (const each of (confirmed.json as { recovery_codes: string[] }).recovery_codes) {
    keep('a platform recovery code', each);
  }
  const account = await ask('POST /platform/service-accounts', {
    body: { code: 'canary', scopes: ['outbox'] },
    token,
    key: randomUUID(),
  });
  const client = (text: string) =>
    ask('POST /internal/token', {
      body: { grant_type: 'client_credentials', client_id: 'canary', client_secret: text },
    });
  keep('a service token', field(await client(keep('a service secret', field(account, 'secret'))), 'access_token'));
  const rotated = await ask(`POST /platform/service-accounts/${field(account, 'id')}/rotate-secret`, { token });
  keep('a rotated service secret', field(rotated, 'secret'));
  await client(plant('a wrong service secret'));
});

t.test('none of it is anywhere', async (t) => {
  // Links are erased once they are delivered.
  await until(
    () => rowsOf(databases.control, `select id from outbox_events where payload ->> 'secret' is not null`),
    (rows) => rows.length === 0,
    50,
  );
  const metrics = await Promise.all(
    [controlInternal, dataInternal].map((send) => send({ host: '127.0.0.1:1', path: '/metrics' })),
  );
  for (const name of [...names].reverse()) await platform.stop(name);
  const places: Record<string, readonly string[]> = {
    refusals,
    metrics: metrics.map(({ text }) => text),
    'control database': await everyRow(databases.control),
    'first ERP database': await everyRow(databases['erp-1']),
    'second ERP database': await everyRow(databases['erp-2']),
    'telemetry database': await everyRow(databases['telemetry-1']),
    ...Object.fromEntries(names.map((name) => [`log of ${name}`, platform.logLines(name)])),
  };
  const finds = (place: string, text: string) => places[place]?.some((line) => line.includes(text));
  t.ok(finds('control database', 'nina@example.test'), 'what is meant to be stored is found');
  t.ok(finds('log of control-plane', 'acceptance-'), 'and what is meant to be logged');
  let lines = 0;
  for (const [place, texts] of Object.entries(places)) {
    lines += texts.length;
    t.ok(texts.length > 0, `${place}: there is something to search`);
    t.same(hits(texts), [], `no secret in the ${place}`);
  }
  t.comment(`measured: ${lines} log lines, rows and refusals searched for ${secretTexts.size} secrets: none found`);
});

/** Six digits stand in many a number: a code is looked for as a word of its own. */
const finderOf = (text: string) => {
  if (!/^\d+$/.test(text)) return (line: string) => line.includes(text);
  const word = new RegExp(`(?<![\\w.:+-])${text}(?![\\w.:+-])`);
  return (line: string) => word.test(line);
};

function hits(texts: readonly string[]): string[] {
  return [...secretTexts].flatMap(([what, text]) => {
    const line = texts.find(finderOf(text));
    return line === undefined ? [] : [`${what}: ${line.slice(0, 300)}`];
  });
}

const rowsOf = (database: TestDatabase, text: string) =>
  asSuperuser(database.superuserUrl, async (client) => (await client.query<Record<string, string>>(text)).rows);

/** Audit events, outbox payloads, answers kept for replays, and whatever else is stored. */
async function everyRow(database: TestDatabase): Promise<string[]> {
  const tables = await rowsOf(
    database,
    `select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await rowsOf(database, `select '${name} ' || t::text as line from public."${name}" t`);
    found.push(...rows.map(({ line = '' }) => line));
  }
  return found;
}
