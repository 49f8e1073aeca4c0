import path from 'node:path';
import { ConfigError, secret } from '@platen/chassis/config/load-config';
import type { Logger } from '@platen/chassis/log/logger';
import { type Static, Type } from 'typebox';
import { logMailProvider } from './log-provider.js';
import type { MailProvider } from './mail.js';
import { type SendGridSettings, sendGridMailProvider } from './sendgrid-provider.js';
import { type SmtpSettings, smtpMailProvider } from './smtp-provider.js';

/** Variables of a process that sends mails. */
export const mailFields = {
  MAIL_PROVIDER: Type.Enum(['log', 'smtp', 'sendgrid'], {
    default: 'log',
    description: 'How mails leave. `log` sends nothing: each mail becomes a file `<message id>.eml`',
  }),
  MAIL_FROM_ADDRESS: Type.String({
    pattern: '^[^\\s@<>"]+@[A-Za-z0-9.-]+$',
    default: 'no-reply@platen.localhost',
    description: 'Sender of mails; its domain ends their message ids too',
  }),
  SMTP_HOST: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9.:-]+$',
      maxLength: 253,
      description: 'The mail server, of `MAIL_PROVIDER=smtp`',
    }),
  ),
  SMTP_PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 587, description: 'Its port' }),
  SMTP_TLS: Type.Enum(['starttls', 'implicit', 'none'], {
    default: 'starttls',
    description:
      '`starttls` is insisted on; `implicit` is TLS from the first byte, as on port 465; `none` never in production',
  }),
  SMTP_USER: Type.Optional(
    Type.String({ minLength: 1, maxLength: 320, description: 'Who signs in there; unset: nobody does' }),
  ),
  SMTP_PASSWORD: Type.Optional(secret({ description: "Its password, or an application's key" })),
  SENDGRID_API_KEY: Type.Optional(
    secret({ description: 'Key with the right to send mails and no other, of `MAIL_PROVIDER=sendgrid`' }),
  ),
  SENDGRID_BASE_URL: Type.String({
    pattern: '^https?://[^/?#@]+/?$',
    maxLength: 2048,
    default: 'https://api.sendgrid.com',
    description: 'Where its API is: `https://api.eu.sendgrid.com` for an account in the European Union',
  }),
};
const MailVariables = Type.Object(mailFields);

export type MailSettings =
  | { readonly kind: 'log' }
  | { readonly kind: 'smtp'; readonly smtp: SmtpSettings }
  | { readonly kind: 'sendgrid'; readonly sendGrid: SendGridSettings };

/** @throws ConfigError naming what the provider needs and is not set, or may not be so in production */
export function mailSettingsOf(values: Static<typeof MailVariables>, production: boolean): MailSettings {
  switch (values.MAIL_PROVIDER) {
    case 'log':
      return { kind: 'log' };
    case 'smtp':
      return { kind: 'smtp', smtp: smtpOf(values, production) };
    case 'sendgrid':
      return { kind: 'sendgrid', sendGrid: sendGridOf(values, production) };
  }
}

function smtpOf(values: Static<typeof MailVariables>, production: boolean): SmtpSettings {
  const { SMTP_HOST: host, SMTP_USER: user, SMTP_PASSWORD: password, SMTP_TLS: security } = values;
  const problems = [
    ...(host === undefined ? ['SMTP_HOST: required with MAIL_PROVIDER=smtp'] : []),
    ...(security === 'none' && production ? ['SMTP_TLS: production sends no mail without TLS'] : []),
    ...(user !== undefined && password === undefined ? ['SMTP_PASSWORD: required with SMTP_USER'] : []),
    ...(user === undefined && password !== undefined ? ['SMTP_USER: required with SMTP_PASSWORD'] : []),
  ];
  if (problems.length > 0 || host === undefined) throw new ConfigError(problems);
  const credentials = user === undefined || password === undefined ? null : { user, password };
  return { host, port: values.SMTP_PORT, security, credentials };
}

function sendGridOf(values: Static<typeof MailVariables>, production: boolean): SendGridSettings {
  const { SENDGRID_API_KEY: apiKey, SENDGRID_BASE_URL: url } = values;
  const problems = [
    ...(apiKey === undefined ? ['SENDGRID_API_KEY: required with MAIL_PROVIDER=sendgrid'] : []),
    ...(production && !url.startsWith('https:') ? ['SENDGRID_BASE_URL: production sends no mail without TLS'] : []),
  ];
  if (problems.length > 0 || apiKey === undefined) throw new ConfigError(problems);
  return { apiKey, baseUrl: url.endsWith('/') ? url : `${url}/` };
}

export function openMailProvider(
  settings: MailSettings,
  deps: { readonly dataDir: string; readonly log: Logger },
): MailProvider {
  const { log } = deps;
  switch (settings.kind) {
    case 'log':
      return logMailProvider({ dir: path.resolve(deps.dataDir, 'mail'), log });
    case 'smtp':
      return smtpMailProvider({ settings: settings.smtp, log });
    case 'sendgrid':
      return sendGridMailProvider({ settings: settings.sendGrid, log });
  }
}
