import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServiceProcess, startServiceProcess } from '@platen/chassis/service-process/start';
import { freePort } from '@platen/chassis/testkit/programs';
import { type Test, test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import { startSmtpSink } from './mail/smtp-sink.fixture.js';
import { type FakePlanes, sampleAccountMail, sampleOrder, sampleQuote, startFakePlanes } from './planes.fixture.js';

interface Setting {
  readonly planes: FakePlanes;
  readonly mailDir: string;
  startWorker(env?: Readonly<Record<string, string>>): Promise<ServiceProcess & { readonly healthUrl: string }>;
}

async function prepare(t: Test): Promise<Setting> {
  const planes = await startFakePlanes(t);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-worker-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  return {
    planes,
    mailDir: path.join(dataDir, 'mail'),
    async startWorker(env = {}) {
      const port = await freePort();
      const healthUrl = `http://127.0.0.1:${port}/health`;
      const worker = await startServiceProcess({
        name: 'erp-worker',
        entry: fileURLToPath(new URL('./main.js', import.meta.url)),
        logFile: path.join(dataDir, 'worker.log'),
        readyUrl: healthUrl,
        env: {
          NODE_ENV: 'test',
          CONTROL_INTERNAL_URL: planes.url,
          DATA_INTERNAL_URL: planes.url,
          SERVICE_CLIENT_ID: planes.credentials.id,
          SERVICE_CLIENT_SECRET: planes.credentials.secret,
          WORKER_HEALTH_PORT: String(port),
          OUTBOX_LEASE: '5s',
          PLATEN_DATA_DIR: dataDir,
          ...env,
        },
      });
      t.teardown(() => worker.kill());
      return { ...worker, healthUrl };
    },
  };
}

test('killed between effect and acknowledgement, started again: the event is handled twice, the mail is one', async (t) => {
  const { planes, mailDir, startWorker } = await prepare(t);
  const lost = planes.loseNextAck();
  const first = await startWorker();
  const id = planes.sendQuote(uuidv7());
  const fileName = `${id}@platen.localhost.eml`;
  await lost;
  await first.kill();
  t.same(await readdir(mailDir), [fileName], 'the effect is there, the acknowledgement is not');
  t.same(planes.acks, []);

  const stored = planes.nextAck();
  const second = await startWorker();
  t.match(await stored, { position: '1', consumer: 'erp-worker', topic: 'erp.quote' });
  t.same(planes.mailCalls, [`test-${id}`, `test-${id}`], 'handled again, under the correlation id of its cause');
  t.same(await readdir(mailDir), [fileName], 'one file');
  const mail = await readFile(path.join(mailDir, fileName), 'utf8');
  t.match(mail, new RegExp(`^Message-ID: <${id}@platen.localhost>\r$`, 'm'));
  t.match(mail, /^Date: Sun, 01 Mar 2026 09:30:00 \+0000\r$/m);

  await second.stop();
  t.ok(
    planes.acks.some(({ topic, release }) => topic === 'erp.quote' && release),
    'given up for others on the way out',
  );
  const log = second.logLines().map((line) => JSON.parse(line));
  // The killed process may have taken its last lines with it.
  t.match(log.find(({ message }) => message === 'mail written')?.data, { message_id: `${id}@platen.localhost` });
  t.notMatch(JSON.stringify(log), /ada@example|T-shirt|Q-2026/, 'the log says nothing of the mail but its id');
  t.notMatch(JSON.stringify(log), new RegExp(planes.credentials.secret));
  t.ok(log.some(({ message, data }) => message === 'stopping' && data.signal === 'SIGTERM'));
});

test('events are mailed as they come; the health probe tells the lag and nothing else', async (t) => {
  const { planes, mailDir, startWorker } = await prepare(t);
  const worker = await startWorker();
  const latencies: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const acknowledged = planes.nextAck();
    const sentMs = performance.now();
    planes.sendQuote(uuidv7());
    await acknowledged;
    latencies.push(performance.now() - sentMs);
  }
  t.equal((await readdir(mailDir)).length, 20);
  const stored = planes.nextAck();
  const due = uuidv7();
  planes.expireQuote(due);
  await stored;
  t.same(planes.expired, [due], 'and quotes that are due expire');
  const health = await fetch(worker.healthUrl);
  t.match(await health.json(), { status: 'ok', lag: [{ topic: 'erp.quote', events: Number }] });
  t.equal((await fetch(new URL('/', worker.healthUrl))).status, 404);
  await worker.stop();
  latencies.sort((a, b) => a - b);
  const [p50, last] = [latencies[10], latencies[19]].map((ms) => ms?.toFixed(1));
  t.comment(`measured: event offered to acknowledgement of its mail, ms: p50 ${p50}, max ${last}`);
});

test('a mail about an account: killed before it could say so, it is sent again as the same one', async (t) => {
  const { planes, mailDir, startWorker } = await prepare(t);
  const lost = planes.loseNextDelivered();
  const first = await startWorker();
  const id = planes.queueAccountMail({ mail: sampleAccountMail, withheld: null });
  const fileName = `${id}@platen.localhost.eml`;
  t.equal(await lost, id);
  await first.kill();
  t.same(await readdir(mailDir), [fileName], 'the mail is there, the secret not yet erased');
  t.same([planes.delivered, planes.acks], [[], []]);

  const stored = planes.nextAck();
  const second = await startWorker();
  t.match(await stored, { consumer: 'erp-worker', topic: 'platform.user' });
  t.same(planes.delivered, [id], 'told before the position moves on');
  t.same(planes.mailCalls, [`test-${id}`, `test-${id}`]);
  t.same(await readdir(mailDir), [fileName], 'one file');
  const mail = await readFile(path.join(mailDir, fileName), 'utf8');
  t.match(mail, /^To: new@example.com\r$/m);
  t.match(mail, /canary-of-a-link/);
  await second.stop();
  t.notMatch(second.logLines().join('\n'), /canary|new@example/, 'the log knows neither link nor reader');
});

test('a mail that is withheld is not sent, and its secret goes', async (t) => {
  const { planes, mailDir, startWorker } = await prepare(t);
  const ids = (['sent', 'used', 'expired', 'tenant_inactive'] as const).map((withheld) =>
    planes.queueAccountMail({ mail: null, withheld }),
  );
  const last = planes.queueAccountMail({ mail: sampleAccountMail, withheld: null });
  const worker = await startWorker();
  while (planes.acks.at(-1)?.position !== '5') await planes.nextAck();
  t.same(await readdir(mailDir), [`${last}@platen.localhost.eml`]);
  t.same([...planes.delivered].sort(), [...ids.slice(1), last].sort());
  await worker.stop();
  const reasons = worker.logLines().map((line) => JSON.parse(line));
  const withheld = reasons.filter(({ message }) => message === 'mail withheld').map(({ data }) => data.reason);
  t.same(withheld.sort(), ['expired', 'sent', 'tenant_inactive', 'used']);
});

test('over SMTP: a German shop’s quote and order arrive in German; who is not to be told hears nothing', async (t) => {
  const { planes, mailDir, startWorker } = await prepare(t);
  const sink = await startSmtpSink(t);
  const locale = 'de-DE';
  const quoteId = planes.sendQuote(uuidv7(), { ...sampleQuote, locale });
  const orderId = planes.confirmOrder({ mail: { ...sampleOrder, locale }, withheld: null });
  for (const withheld of ['no_address', 'cancelled', 'outdated'] as const)
    planes.confirmOrder({ mail: null, withheld });
  // The first try is put off: greylisting.
  sink.misbehaves.push({ at: 'rcpt', code: 450, text: '4.7.1 <ada@example.com> come back later' });
  const worker = await startWorker({
    MAIL_PROVIDER: 'smtp',
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(sink.port),
    SMTP_TLS: 'none',
  });
  const done = () => planes.acks.some(({ topic, position }) => topic === 'erp.order' && position === '5');
  while (sink.mails.length < 2 || !done()) await Promise.race([planes.nextAck(), sink.nextMail()]);
  const [order, quote] = sink.mails.sort((a, b) => String(b.subject).localeCompare(String(a.subject)));
  t.equal(quote?.messageId, `<${quoteId}@platen.localhost>`);
  t.equal(order?.messageId, `<${orderId}@platen.localhost>`);
  t.equal(quote?.subject, 'Angebot Q-2026-0001 von Acme "Prints"');
  t.match(quote?.text, /gültig bis 31\. Dezember 2026/);
  t.equal(order?.subject, 'Auftrag O-2026-0001 bei Acme "Prints"');
  t.match(order?.text, /Anzahlung: 59,50\s€/);
  await worker.stop();
  await t.rejects(readdir(mailDir), { code: 'ENOENT' });
  const log = worker.logLines().join('\n');
  t.notMatch(log, /canary|ada@example|Ada|T-shirt/, 'the log knows neither link nor reader');
  t.match(log, 'the mail server wants the mail later: 450 4.7.1 to RCPT TO');
});

test('a wrong configuration is named and ends the start', async (t) => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'platen-worker-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const starting = startServiceProcess({
    name: 'erp-worker',
    entry: fileURLToPath(new URL('./main.js', import.meta.url)),
    logFile: path.join(dataDir, 'worker.log'),
    readyUrl: 'http://127.0.0.1:9/health',
    env: { NODE_ENV: 'test', PLATEN_DATA_DIR: dataDir },
  });
  await t.rejects(starting, { message: /SERVICE_CLIENT_SECRET: required/ });
});
