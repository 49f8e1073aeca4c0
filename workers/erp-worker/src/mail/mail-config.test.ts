import { ConfigError } from '@platen/chassis/config/load-config';
import { test } from 'tap';
import { readConfig } from '../config.js';

const base = { SERVICE_CLIENT_SECRET: 'a secret of the worker' };
const smtp = { ...base, MAIL_PROVIDER: 'smtp', SMTP_HOST: 'mail.example' };
const production = { NODE_ENV: 'production' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

test('each provider says what it needs', async (t) => {
  t.same(readConfig(base).mail, { kind: 'log' });
  t.match(problemsOf({ ...base, MAIL_PROVIDER: 'smtp' }), [/^SMTP_HOST: required/]);
  t.match(problemsOf({ ...smtp, SMTP_USER: 'u' }), [/^SMTP_PASSWORD: required/]);
  t.match(problemsOf({ ...smtp, SMTP_PASSWORD: 'canary' }), [/^SMTP_USER: required/]);
  t.match(problemsOf({ ...base, MAIL_PROVIDER: 'sendgrid' }), [/^SENDGRID_API_KEY: required/]);
  t.match(readConfig({ ...smtp, SMTP_USER: 'u', SMTP_PASSWORD: 'p' }).mail, {
    smtp: { host: 'mail.example', port: 587, security: 'starttls', credentials: { user: 'u', password: 'p' } },
  });
});

test('production sends no mail without TLS', async (t) => {
  t.match(problemsOf({ ...smtp, ...production, SMTP_TLS: 'none' }), [/^SMTP_TLS:/]);
  t.same(problemsOf({ ...smtp, SMTP_TLS: 'none' }), []);
  const sendGrid = { ...base, MAIL_PROVIDER: 'sendgrid', SENDGRID_API_KEY: 'SG.key' };
  t.match(problemsOf({ ...sendGrid, ...production, SENDGRID_BASE_URL: 'http://x.example' }), [/^SENDGRID_BASE_URL:/]);
  t.match(readConfig({ ...sendGrid, ...production }).mail, { sendGrid: { baseUrl: 'https://api.sendgrid.com/' } });
});
