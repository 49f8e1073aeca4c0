import { DependencyAway, UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import { Client } from '@sendgrid/client';
import { type MailDataRequired, MailService } from '@sendgrid/mail';
import { type Mail, type MailProvider, mailHeaders } from './mail.js';
import { createRefusalLog, MailSettingsRefused } from './mail-failures.js';

export interface SendGridSettings {
  readonly apiKey: string;
  /** With the slash at its end. */
  readonly baseUrl: string;
}

const longestPauseMs = 5 * 60_000;

/** Over SendGrid's API v3. While it asks for patience, no mail is tried. */
export function sendGridMailProvider(options: {
  readonly settings: SendGridSettings;
  readonly log: Logger;
  readonly timeoutMs?: number;
  readonly clock?: () => number;
}): MailProvider {
  const { settings, log, timeoutMs = 20_000, clock = Date.now } = options;
  const refusals = createRefusalLog(log, 'SENDGRID_API_KEY and MAIL_FROM_ADDRESS');
  let patientUntilMs = 0;
  return {
    async send(mail, signal) {
      if (clock() < patientUntilMs) throw new DependencyAway('SendGrid asked us to wait');
      const ends = AbortSignal.timeout(timeoutMs);
      const service = serviceOf(settings, signal ? AbortSignal.any([signal, ends]) : ends);
      try {
        await service.send(requestOf(mail));
      } catch (error) {
        const { status, retryAfter } = answerOf(error);
        if (status === 429) patientUntilMs = clock() + pauseMs(retryAfter, clock());
        const failure = explain(status);
        refusals.failed(failure);
        throw failure;
      }
      refusals.taken();
      log.info({ message_id: mail.messageId, provider: 'sendgrid' }, 'mail sent');
    },
    close: () => undefined,
  };
}

/** One for each mail, because a client keeps the signal of its requests. */
function serviceOf({ apiKey, baseUrl }: SendGridSettings, signal: AbortSignal): MailService {
  const client = new Client();
  client.setApiKey(apiKey);
  // Handed to axios, which takes more than the library names. A redirect would carry the mail and the key elsewhere.
  const request = { url: '', baseUrl, signal, maxRedirects: 0 };
  client.setDefaultRequest(request);
  const service = new MailService();
  service.setClient(client);
  return service;
}

/** What becomes a header there, whatever they make of line breaks. */
const oneLine = (text: string): string => text.replace(/\s*\p{Cc}\s*/gu, ' ');

const off = { enable: false } as const;

/** Links hold secrets, and who opens a mail is nobody's business: nothing is rewritten or counted. */
const requestOf = (mail: Mail): MailDataRequired => ({
  from: { name: oneLine(mail.from.name), email: mail.from.address },
  to: { name: oneLine(mail.to.name), email: mail.to.address },
  subject: oneLine(mail.subject),
  content: [
    { type: 'text/plain', value: mail.text },
    { type: 'text/html', value: mail.html },
  ],
  headers: { ...mailHeaders, 'Message-ID': `<${mail.messageId}>` },
  customArgs: { message_id: mail.messageId },
  trackingSettings: {
    clickTracking: { ...off, enableText: false },
    openTracking: off,
    subscriptionTracking: off,
    ganalytics: off,
  },
});

interface Answer {
  /** null: there was none. */
  readonly status: number | null;
  readonly retryAfter: string | null;
}

/** Of the library's error, which also holds the key and the mail: nothing else of it is looked at. */
function answerOf(error: unknown): Answer {
  const { code, response } = error as {
    code?: unknown;
    response?: { status?: unknown; headers?: Record<string, unknown> };
  };
  const status = typeof code === 'number' ? code : response?.status;
  const retryAfter = response?.headers?.['retry-after'];
  return {
    status: typeof status === 'number' ? status : null,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
  };
}

/** Seconds or a date (RFC 9110 section 10.2.3); a few seconds where neither is said. */
function pauseMs(retryAfter: string | null, nowMs: number): number {
  const text = retryAfter ?? '5';
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? 5_000 : Math.min(Math.max(ms, 0), longestPauseMs);
}

function explain(status: number | null): Error {
  if (status === null) return new DependencyAway('SendGrid cannot be reached or does not answer');
  if (status === 401 || status === 403) return new MailSettingsRefused(`SendGrid refuses us: ${status}`);
  if (status === 400 || status === 413 || status === 422) {
    return new UnprocessableEvent(`SendGrid refuses the mail: ${status}`);
  }
  return new DependencyAway(`SendGrid takes no mail now: ${status}`);
}
