import type { ConnectionOptions } from 'node:tls';
import type { Logger } from '@platen/chassis/log/logger';
import nodemailer, { type NodemailerError } from 'nodemailer';
import { type MailProvider, messageOf } from './mail.js';
import { createRefusalLog } from './mail-failures.js';
import { explainSmtpFailure } from './smtp-failures.js';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` is asked for and insisted on. */
  readonly security: 'implicit' | 'starttls' | 'none';
  /** null: the server knows us by where we come from. */
  readonly credentials: { readonly user: string; readonly password: string } | null;
  readonly tls?: ConnectionOptions;
}

export interface SmtpTimes {
  readonly connectMs: number;
  readonly silenceMs: number;
  /** Of one mail, from its turn to the server's last word. */
  readonly totalMs: number;
}
const defaultTimes: SmtpTimes = { connectMs: 10_000, silenceMs: 30_000, totalMs: 60_000 };

/** Over some connections that are kept open. A failed try is told at once: trying again is the bus's. */
export function smtpMailProvider(options: {
  readonly settings: SmtpSettings;
  readonly log: Logger;
  readonly times?: SmtpTimes;
}): MailProvider {
  const { host, port, security, credentials, tls } = options.settings;
  const times = options.times ?? defaultTimes;
  const refusals = createRefusalLog(options.log, 'SMTP_USER, SMTP_PASSWORD, SMTP_TLS and MAIL_FROM_ADDRESS');
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: 4,
    maxRequeues: 0,
    idleTimeout: 30_000,
    host,
    port,
    secure: security === 'implicit',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...tls },
    ...(credentials && { auth: { user: credentials.user, pass: credentials.password } }),
    connectionTimeout: times.connectMs,
    greetingTimeout: times.connectMs,
    dnsTimeout: times.connectMs,
    socketTimeout: times.silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail, signal) {
      const ends = AbortSignal.timeout(times.totalMs);
      try {
        await transport.sendMail({ ...messageOf(mail), signal: signal ? AbortSignal.any([signal, ends]) : ends });
      } catch (error) {
        // The library's own type of what it rejects with.
        const failure = explainSmtpFailure(error as NodemailerError);
        refusals.failed(failure);
        throw failure;
      }
      refusals.taken();
      options.log.info({ message_id: mail.messageId, provider: 'smtp' }, 'mail sent');
    },
    close: () => transport.close(),
  };
}
