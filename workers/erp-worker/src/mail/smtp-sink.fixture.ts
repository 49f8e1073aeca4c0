import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Test } from 'tap';

/** A reply other than "taken"; `cut` closes the connection in the middle of the message. */
export type Misbehaviour =
  | { readonly at: 'rcpt' | 'mail' | 'data' | 'auth'; readonly code: number; readonly text: string }
  | { readonly at: 'cut' };

export interface SmtpSink {
  readonly port: number;
  readonly mails: ParsedMail[];
  /** Message sources, as they came. */
  readonly sources: string[];
  /** Envelopes: sender, recipients, whether over TLS. */
  readonly envelopes: { readonly from: string; readonly to: readonly string[]; readonly secure: boolean }[];
  /** Each is done once, in this order, by the next that it concerns. */
  readonly misbehaves: Misbehaviour[];
  readonly connections: { count: number };
  nextMail(): Promise<ParsedMail>;
}

const failureOf = ({ code, text }: { code: number; text: string }): Error =>
  Object.assign(new Error(text), { responseCode: code });

/** A mail server that keeps what it gets. */
export async function startSmtpSink(
  t: Test,
  options: SMTPServerOptions & { readonly port?: number } = {},
): Promise<SmtpSink> {
  const sources: string[] = [];
  const mails: ParsedMail[] = [];
  const envelopes: SmtpSink['envelopes'] = [];
  const misbehaves: Misbehaviour[] = [];
  const connections = { count: 0 };
  const waiting: ((mail: ParsedMail) => void)[] = [];
  const nextFailure = (at: 'rcpt' | 'mail' | 'data' | 'auth'): Error | null => {
    const [next] = misbehaves;
    if (next?.at !== at) return null;
    misbehaves.shift();
    return failureOf(next);
  };
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    closeTimeout: 100,
    onConnect(_session, done) {
      connections.count += 1;
      done();
    },
    onAuth({ username }, _session, done) {
      const failure = nextFailure('auth');
      if (failure) done(failure);
      else done(null, { user: username ?? '' });
    },
    onMailFrom: (_address, _session, done) => done(nextFailure('mail')),
    onRcptTo: (_address, _session, done) => done(nextFailure('rcpt')),
    onData(stream, session, done) {
      if (misbehaves[0]?.at === 'cut') {
        misbehaves.shift();
        stream.once('data', () => {
          // The library's own list of what is open; there is no other way to hang up on a client.
          for (const connection of server.connections) connection.close();
        });
        stream.resume();
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const failure = nextFailure('data');
        if (failure) return done(failure);
        const source = Buffer.concat(chunks);
        simpleParser(source).then((mail) => {
          const { mailFrom, rcptTo } = session.envelope;
          sources.push(source.toString('utf8'));
          envelopes.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            secure: session.secure,
          });
          mails.push(mail);
          done();
          for (const tell of waiting.splice(0)) tell(mail);
        }, done);
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const listening = server.listen(options.port ?? 0, '127.0.0.1');
  await once(listening, 'listening');
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    // Listening on TCP, so the address is no path of a pipe.
    port: (listening.address() as AddressInfo).port,
    sources,
    mails,
    envelopes,
    misbehaves,
    connections,
    nextMail: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
