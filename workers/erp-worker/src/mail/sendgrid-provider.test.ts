import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recordLog } from '@platen/chassis/testkit/http';
import { type Test, test } from 'tap';
import { canaries, sampleMail } from './sample.fixture.js';
import { sendGridMailProvider } from './sendgrid-provider.js';

const apiKey = 'SG.canary-of-a-password';
interface Call {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}
interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Never answered. */
  readonly hangs?: boolean;
}

/** Stands in for SendGrid's API: gives the replies one after the other, then 202. */
async function openStandIn(t: Test, replies: Reply[], timeoutMs = 60_000) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({ path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      const { status, headers, body, hangs } = replies.shift() ?? { status: 202 };
      if (hangs) return;
      response.writeHead(status, { 'x-message-id': 'theirs', ...headers }).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on TCP, so the address is no path of a pipe.
  const { port } = server.address() as AddressInfo;
  const recorded = recordLog();
  let nowMs = Date.parse('2026-03-01T09:30:00Z');
  const provider = sendGridMailProvider({
    settings: { apiKey, baseUrl: `http://127.0.0.1:${port}/` },
    log: recorded.log,
    timeoutMs,
    clock: () => nowMs,
  });
  async function failing(signal?: AbortSignal): Promise<Error> {
    const error: unknown = await provider.send(sampleMail, signal).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof Error)) throw new Error('it was sent');
    const said = `${error.stack} ${JSON.stringify({ ...error })} ${String(error.cause)} ${recorded.text()}`;
    for (const canary of canaries) t.notMatch(said, canary);
    return error;
  }
  return {
    provider,
    calls,
    failing,
    pass: (ms: number) => {
      nowMs += ms;
    },
    ...recorded,
  };
}

test('a mail is handed over with its id, and nothing in it is tracked', async (t) => {
  const { provider, calls, lines, text } = await openStandIn(t, []);
  const subject = 'a\r\nBcc: x@evil.example';
  await provider.send(sampleMail);
  await provider.send({ ...sampleMail, subject });
  const [call, odd] = calls;
  t.equal(call?.path, '/v3/mail/send');
  t.equal(call?.headers.authorization, `Bearer ${apiKey}`);
  t.match(call?.body, {
    personalizations: [{ to: [{ email: sampleMail.to.address, name: sampleMail.to.name }] }],
    headers: { 'Message-ID': `<${sampleMail.messageId}>`, 'Auto-Submitted': 'auto-generated' },
    custom_args: { message_id: sampleMail.messageId },
    from: { email: sampleMail.from.address, name: sampleMail.from.name },
    subject: sampleMail.subject,
    content: [
      { type: 'text/plain', value: sampleMail.text },
      { type: 'text/html', value: sampleMail.html },
    ],
    tracking_settings: {
      click_tracking: { enable: false, enable_text: false },
      open_tracking: { enable: false },
      subscription_tracking: { enable: false },
    },
  });
  t.equal(odd?.body['subject'], 'a Bcc: x@evil.example', 'one line');
  t.match(lines[0], { message: 'mail sent', data: { message_id: sampleMail.messageId } });
  for (const canary of canaries) t.notMatch(text(), canary);
});

test('refused for what it is: parked, with the reason and without the address', async (t) => {
  const body = JSON.stringify({ errors: [{ message: `${sampleMail.to.address} is no address`, field: 'to' }] });
  const { failing } = await openStandIn(t, [{ status: 400, body }, { status: 413 }]);
  const { name, message } = await failing();
  t.same([name, message], ['UnprocessableEvent', 'SendGrid refuses the mail: 400']);
  t.match(await failing(), { name: 'UnprocessableEvent', message: /413/ });
});

test('a key that is refused is the installation’s fault, and told once', async (t) => {
  const { failing, provider, lines } = await openStandIn(t, [{ status: 401 }, { status: 403 }]);
  t.match(await failing(), { name: 'DependencyAway', message: 'SendGrid refuses us: 401' });
  t.match(await failing(), { name: 'DependencyAway', message: 'SendGrid refuses us: 403' });
  t.match(lines, [{ level: 'error', data: { variables: /SENDGRID_API_KEY/ } }]);
  t.equal(lines.length, 1);
  await provider.send(sampleMail);
  t.match(lines[1], { message: 'the mail provider takes mails again' });
});

test('asked to wait, nobody asks before the time', async (t) => {
  const date = new Date('2026-03-01T09:31:30Z').toUTCString();
  const { failing, provider, calls, pass } = await openStandIn(t, [
    { status: 429, headers: { 'retry-after': '30' } },
    { status: 429, headers: { 'retry-after': date } },
    { status: 429 },
  ]);
  t.match(await failing(), { name: 'DependencyAway', message: /429/ });
  pass(29_000);
  t.match(await failing(), { name: 'DependencyAway', message: /asked us to wait/ });
  t.equal(calls.length, 1);
  pass(1_000);
  t.match(await failing(), { message: /429/ });
  pass(59_000);
  t.match(await failing(), { message: /asked us to wait/ });
  pass(1_000);
  t.match(await failing(), { message: /429/ }, 'without a time: a few seconds');
  pass(5_000);
  await provider.send(sampleMail);
  t.equal(calls.length, 4);
});

test('away, slow, led elsewhere or stopped: tried again', async (t) => {
  const { failing, provider } = await openStandIn(t, [
    { status: 503 },
    { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
  ]);
  t.match(await failing(), { name: 'DependencyAway', message: /503/ });
  t.match(await failing(), { name: 'DependencyAway', message: /302/ });
  const slow = await openStandIn(t, [{ status: 202, hangs: true }], 100);
  t.match(await slow.failing(), { name: 'DependencyAway', message: /does not answer/ });
  t.match(await failing(AbortSignal.abort()), { name: 'DependencyAway' });
  await provider.send(sampleMail);
});
