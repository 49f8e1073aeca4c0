import { recordLog } from '@platen/chassis/testkit/http';
import { type Test, test } from 'tap';
import { canaries, sampleMail } from './sample.fixture.js';
import { type SmtpSettings, type SmtpTimes, smtpMailProvider } from './smtp-provider.js';
import { type SmtpSink, startSmtpSink } from './smtp-sink.fixture.js';

const patient: SmtpTimes = { connectMs: 60_000, silenceMs: 60_000, totalMs: 60_000 };

function open(t: Test, sink: Pick<SmtpSink, 'port'>, settings: Partial<SmtpSettings> = {}, times = patient) {
  const recorded = recordLog();
  const provider = smtpMailProvider({
    settings: { host: '127.0.0.1', port: sink.port, security: 'none', credentials: null, ...settings },
    log: recorded.log,
    times,
  });
  t.teardown(() => provider.close());
  /** The error, of which nothing tells whom the mail is for or what it says. */
  async function failing(): Promise<Error> {
    const error: unknown = await provider.send(sampleMail).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof Error)) throw new Error('it was sent');
    const said = `${error.stack} ${JSON.stringify({ ...error })} ${String(error.cause)} ${recorded.text()}`;
    for (const canary of canaries) t.notMatch(said, canary);
    return error;
  }
  return { provider, failing, ...recorded };
}

test('a mail arrives as it was written, over STARTTLS, from who signed in', async (t) => {
  const sink = await startSmtpSink(t, { authOptional: false });
  const { provider, lines, text } = open(t, sink, {
    security: 'starttls',
    credentials: { user: 'platen', password: 'canary-of-a-password' },
    tls: { rejectUnauthorized: false },
  });
  await provider.send(sampleMail);
  await provider.send(sampleMail);
  const [mail, again] = sink.mails;
  t.equal(mail?.messageId, `<${sampleMail.messageId}>`);
  t.equal(again?.messageId, mail?.messageId, 'a repeat is the same message');
  t.same(again?.date, sampleMail.date);
  t.equal(mail?.subject, sampleMail.subject);
  t.equal(mail?.text?.trim(), sampleMail.text.trim());
  t.equal(mail?.html, sampleMail.html);
  t.match(mail?.from?.value, [{ name: 'Acme "Prints"', address: 'no-reply@platen.localhost' }]);
  t.equal(mail?.headers.get('auto-submitted'), 'auto-generated');
  const envelope = { from: 'no-reply@platen.localhost', to: ['ada.canary@example.com'], secure: true };
  t.same(sink.envelopes, [envelope, envelope]);
  t.equal(sink.connections.count, 1, 'the connection is kept');
  t.match(lines[0], { message: 'mail sent', data: { message_id: sampleMail.messageId } });
  for (const canary of canaries) t.notMatch(text(), canary);
});

test('nothing in a mail becomes a header or another reader; names of any script, subjects of any length', async (t) => {
  const sink = await startSmtpSink(t);
  const { provider } = open(t, sink);
  const subject = 'Ünïcödé 印刷 '.repeat(60).trim();
  const name = 'Ада Лавлейс, "Ltd" <x@evil.example>';
  await provider.send({ ...sampleMail, subject, to: { ...sampleMail.to, name } });
  await provider.send({
    ...sampleMail,
    subject: 'a\r\nBcc: x@evil.example\r\n\r\nbody',
    from: { ...sampleMail.from, name: 'b\r\nBcc: y@evil.example' },
    to: { ...sampleMail.to, name: 'c\nCc: z@evil.example' },
    text: '.\r\nQUIT\r\n.\r\n',
  });
  const [long, forged] = sink.mails;
  t.equal(long?.subject, subject);
  t.match(long?.to, { value: [{ name, address: sampleMail.to.address }] });
  t.ok((sink.sources[0] ?? '').split('\r\n').every((line) => Buffer.byteLength(line) <= 998));
  t.equal(forged?.headers.has('bcc'), false);
  t.equal(forged?.headers.has('cc'), false);
  t.equal(forged?.text?.trim(), '.\nQUIT\n.');
  for (const { to } of sink.envelopes) t.same(to, [sampleMail.to.address]);
});

test('what the server says about the mail is the mail’s; about us, the installation’s', async (t) => {
  const sink = await startSmtpSink(t);
  const { failing, provider, lines } = open(t, sink);
  const said = async (at: 'rcpt' | 'mail' | 'data', code: number, text: string) => {
    sink.misbehaves.push({ at, code, text });
    const { name, message } = await failing();
    return [name, message];
  };
  const to = sampleMail.to.address;
  t.same(await said('rcpt', 550, `5.1.1 <${to}> unknown`), [
    'UnprocessableEvent',
    'the mail server refuses the mail: 550 5.1.1 to RCPT TO',
  ]);
  t.same(await said('data', 554, `5.6.0 message of ${to} refused`), [
    'UnprocessableEvent',
    'the mail server refuses the mail: 554 5.6.0 to DATA',
  ]);
  t.same(await said('rcpt', 450, `4.2.0 <${to}> greylisted`), [
    'MailDeferred',
    'the mail server wants the mail later: 450 4.2.0 to RCPT TO',
  ]);
  t.match(await said('rcpt', 451, '4.3.2 system not accepting'), ['DependencyAway']);
  t.match(await said('mail', 451, '4.7.0 later'), ['DependencyAway']);
  t.match(await said('mail', 550, '5.7.1 sender not allowed'), [
    'DependencyAway',
    /refuses us: 550 5.7.1 to MAIL FROM/,
  ]);
  t.same(sink.mails, []);
  await provider.send(sampleMail);
  t.equal(sink.mails.length, 1, 'and then it goes');
  t.match(lines, [
    { level: 'error', message: /refuses this installation/, data: { variables: /MAIL_FROM_ADDRESS/ } },
    { message: 'the mail provider takes mails again' },
    { message: 'mail sent' },
  ]);
});

test('a connection cut in the message, and nobody there: not the mail’s fault', async (t) => {
  const sink = await startSmtpSink(t);
  const { failing, provider } = open(t, sink);
  sink.misbehaves.push({ at: 'cut' });
  t.match(await failing(), { name: 'DependencyAway', message: /cannot be reached/ });
  t.same(sink.mails, []);
  await provider.send(sampleMail);
  t.equal(sink.mails.length, 1);
  t.match(await open(t, { port: 9 }).failing(), { name: 'DependencyAway', message: /cannot be reached/ });
});

test('credentials that are refused are told once, by the names of the variables', async (t) => {
  const sink = await startSmtpSink(t, { authOptional: false });
  const credentials = { user: 'platen', password: 'canary-of-a-password' };
  const { failing, provider, lines } = open(t, sink, {
    security: 'starttls',
    credentials,
    tls: { rejectUnauthorized: false },
  });
  sink.misbehaves.push({ at: 'auth', code: 535, text: '5.7.8 platen: canary-of-a-password is wrong' });
  sink.misbehaves.push({ at: 'auth', code: 535, text: '5.7.8 still' });
  for (let i = 0; i < 2; i += 1) {
    t.match(await failing(), { name: 'DependencyAway', message: /refuses our credentials: 535/ });
  }
  t.equal(lines.filter(({ level }) => level === 'error').length, 1);
  await provider.send(sampleMail);
});

test('without TLS nothing is said where it is insisted on, nor to who cannot prove who they are', async (t) => {
  const plain = await startSmtpSink(t, { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
  const credentials = { user: 'platen', password: 'canary-of-a-password' };
  const stripped = open(t, plain, { security: 'starttls', credentials });
  t.match(await stripped.failing(), { name: 'DependencyAway' });
  const unproven = open(t, await startSmtpSink(t), { security: 'starttls', credentials });
  t.match(await unproven.failing(), { name: 'DependencyAway' });
  t.same(plain.mails, []);
});

test('a server that says nothing, and a stop in the middle of it', async (t) => {
  const { createServer } = await import('node:net');
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  t.teardown(() => silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  t.match(await open(t, { port }, {}, { ...patient, connectMs: 50 }).failing(), { name: 'DependencyAway' });
  const { provider } = open(t, { port });
  const stopping = new AbortController();
  const sending = provider.send(sampleMail, stopping.signal);
  stopping.abort();
  await t.rejects(sending, { name: 'DependencyAway' });
});
