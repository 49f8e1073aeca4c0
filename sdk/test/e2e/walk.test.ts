import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { until } from '@platen/chassis/testkit/until';
import { demoPassword } from '@platen/schema/seeds/identities';
import { walkQuoteToCash } from '@platen/sdk/examples/quote-to-cash';
import t from 'tap';
import { startPlatform } from './platform.js';
import { seededRandom } from './random.js';
import { sentQuote } from './samples-data.js';
import { bearer, cookie, serviceToken, signIn } from './sign-in.js';
import { victimOf } from './victim.js';
import { createWorld, signOut } from './world.js';

// The whole of it: the walk through the SDK, the mails that follow from it, and what the logs tell of it.
const names = ['control-plane', 'data-plane', 'erp-worker'] as const;
const talkative = { LOG_LEVEL: 'trace' };
const platform = await startPlatform(t, {
  asShipped: true,
  env: { 'control-plane': talkative, 'data-plane': talkative, 'erp-worker': talkative },
});
const { control, data, ports, secrets, dataDir } = platform;
const canary = (name: string) => `canary-${name}-${randomBytes(9).toString('hex')}`;
const secretTexts = new Map<string, string>(Object.entries({ ...secrets, demoPassword }));
const sentNumbers: string[] = [];

const mailDir = path.join(dataDir, 'mail');
/** Of quotes: the walk's orders are mailed too. */
const quoteMails = (): string[] => {
  let names: string[] = [];
  try {
    names = readdirSync(mailDir).filter((name) => name.endsWith('.eml'));
  } catch {
    // Made with the first mail.
  }
  const texts = names.map((name) => readFileSync(path.join(mailDir, name), 'utf8'));
  return texts.filter((text) => /^Subject: Quote /m.test(text));
};

t.test('the walk from a quote to its cash, twice', async (t) => {
  const walk = () =>
    walkQuoteToCash({
      controlUrl: `http://{tenant}.localhost:${ports.control}`,
      dataUrl: `http://{tenant}.localhost:${ports.data}`,
      password: demoPassword,
      print: () => undefined,
    });
  const [first, second] = [await walk(), await walk()];
  t.not(first.quoteId, second.quoteId);
  t.not(first.orderNumber, second.orderNumber);
  t.same(first.total, second.total, 'the same basket costs the same');
  // A revision is mailed under the number of what it takes the place of.
  for (const { quoteNumber, mails } of [first, second]) sentNumbers.push(...Array(mails).fill(quoteNumber));
});

t.test('one mail for every quote that is sent, whenever the worker is killed', async (t) => {
  const quotes = 24;
  const victim = victimOf(await createWorld(platform, ports.data), platform);
  let sending = true;
  const send = async () => {
    for (let i = 0; i < quotes / 4; i += 1) sentNumbers.push((await sentQuote(victim)).number ?? '');
  };
  const random = seededRandom(t);
  let kills = 0;
  const killer = (async () => {
    for (; sending || kills < 4; kills += 1) {
      await new Promise((resolve) => setTimeout(resolve, random() * 250));
      await platform.kill('erp-worker');
      await platform.start('erp-worker');
    }
  })();
  await Promise.all([send(), send(), send(), send()]);
  sending = false;
  await killer;
  await until(
    async () => quoteMails().length,
    (count) => count >= sentNumbers.length,
    50,
  );
  // What would make a second one has had its time: everything is acknowledged.
  await until(unacknowledged, (count) => count === 0, 50);
  const texts = quoteMails();
  t.equal(texts.length, sentNumbers.length);
  const timesSent = (number: string) => sentNumbers.filter((sent) => sent === number).length;
  const mailed = (number: string) => texts.filter((text) => text.includes(number)).length;
  const off = sentNumbers.filter((number) => mailed(number) !== timesSent(number));
  t.same(off, [], 'each number is in a mail as often as it was sent');
  t.comment(`measured: ${sentNumbers.length} quotes sent, worker killed ${kills} times: ${texts.length} mails`);
});

/** Events that the worker's consumer has not acknowledged yet. */
const unacknowledged = (): Promise<number> =>
  asSuperuser(platform.databases['erp-1'].superuserUrl, async (client) => {
    const { rows } = await client.query<{ waiting: string }>(
      `select count(*) as waiting from outbox_events e where e.topic = 'erp.quote' and not exists (
         select from outbox_positions p where p.consumer = 'erp-worker' and p.topic = e.topic and p.position >= e.position)`,
    );
    return Number(rows[0]?.waiting);
  });

t.test('logs: eight fields a line, and no secret', async (t) => {
  const { access, refresh } = await signIn(platform, 'manager@acme.test');
  const service = await serviceToken(platform, 'erp-worker');
  for (const [name, text] of Object.entries({ access, refresh, service })) secretTexts.set(`the ${name} token`, text);
  await plantCanaries(access);
  const plain = canary('that-is-no-secret');
  await data({ host: 'acme', path: '/api/erp/customers', headers: { ...bearer(access), 'x-correlation-id': plain } });
  await signOut(platform, access, refresh);
  // Stopped, so that everything is written.
  for (const name of [...names].reverse()) await platform.stop(name);

  const fields = ['context', 'correlation_id', 'data', 'level', 'message', 'service', 'tenant_id', 'timestamp'];
  let lines = 0;
  t.ok(
    platform.logLines('data-plane').some((line) => line.includes(plain)),
    'what is meant to be there is found',
  );
  for (const name of names) {
    const odd: string[] = [];
    const told = new Set<string>();
    for (const line of platform.logLines(name)) {
      lines += 1;
      const keys = keysOf(line);
      if (keys.join() !== fields.join()) odd.push(line.slice(0, 200));
      for (const [what, text] of secretTexts)
        if (text !== '' && line.includes(text)) told.add(`${what}: ${line.slice(0, 300)}`);
    }
    t.same(odd, [], `${name}: every line is one JSON object of eight fields`);
    t.same([...told], [], `${name}: no secret in its log`);
  }
  t.comment(`measured: ${lines} log lines at level trace searched for ${secretTexts.size} secrets: none found`);
});

function keysOf(line: string): string[] {
  try {
    return Object.keys(JSON.parse(line) as object).sort();
  } catch {
    return ['no JSON'];
  }
}

/** Secrets in all places where clients put them by right or by mistake. */
async function plantCanaries(access: string): Promise<void> {
  const plant = (name: string): string => {
    const text = canary(name);
    secretTexts.set(name, text);
    return text;
  };
  const login = (body: unknown) => control({ method: 'POST', host: 'acme', path: '/api/auth/login', body });
  await login({ email: 'sales@acme.test', password: plant('password') });
  await login({ email: 'sales@acme.test', password: plant('password-beside'), secret: plant('unknown-field') });
  await login(`{"password":"${plant('broken-body')}`);
  await platform.controlInternal({
    method: 'POST',
    host: '127.0.0.1:1',
    path: '/internal/token',
    body: { grant_type: 'client_credentials', client_id: 'erp-worker', client_secret: plant('client-secret') },
  });
  for (const plane of [control, data]) {
    const target = plane === control ? '/api/auth/session' : '/api/erp/customers';
    await plane({ host: 'acme', path: target, headers: bearer(plant('bearer')) });
    await plane({ host: 'acme', path: target, headers: cookie(plant('cookie')) });
    await plane({ host: 'acme', path: target, headers: { cookie: `platen_rt=${plant('refresh-cookie')}` } });
    await plane({ host: 'acme', path: `${target}?token=${plant('query')}`, headers: bearer(access) });
    await plane({ host: 'acme', path: `/api/${plant('path')}`, headers: bearer(access) });
    await plane({ host: 'acme', path: target, headers: { authorization: `Basic ${plant('basic')}` } });
  }
}
