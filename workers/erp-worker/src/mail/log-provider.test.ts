import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordLog } from '@platen/chassis/testkit/http';
import { test } from 'tap';
import { logMailProvider } from './log-provider.js';
import type { Mail } from './mail.js';

const mail: Mail = {
  messageId: '0199@platen.localhost',
  date: new Date('2026-03-01T09:30:00Z'),
  from: { name: 'Acme "Prints"', address: 'no-reply@platen.localhost' },
  to: { name: 'Ada', address: 'ada@example.com' },
  subject: 'Quote Ü',
  text: 'text',
  html: '<p>text</p>',
};

test('an RFC 5322 message in one file, replaced by a repeat', async (t) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'platen-mail-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const { log, lines, text } = recordLog();
  const provider = logMailProvider({ dir: path.join(dir, 'mail'), log });
  await provider.send(mail);
  await provider.send({ ...mail, text: 'again' });
  t.same(await readdir(path.join(dir, 'mail')), ['0199@platen.localhost.eml'], 'and nothing temporary');
  const message = await readFile(path.join(dir, 'mail', '0199@platen.localhost.eml'), 'utf8');
  t.match(message, 'Message-ID: <0199@platen.localhost>\r\n');
  t.match(message, 'Subject: =?UTF-8?Q?Quote_=C3=9C?=\r\n');
  t.match(message, /Content-Type: multipart\/alternative/);
  t.match(message, 'again');
  t.match(lines[0], { message: 'mail written', data: { message_id: mail.messageId } });
  t.notMatch(text(), 'ada@example.com');
});

test('nothing in a mail becomes a header, an attachment or a path', async (t) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'platen-mail-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const provider = logMailProvider({ dir, log: recordLog().log });
  await provider.send({ ...mail, subject: 'a\r\nBcc: x@example.com', to: { name: 'b\r\nBcc: y', address: 'c@d.e' } });
  const message = await readFile(path.join(dir, '0199@platen.localhost.eml'), 'utf8');
  t.notMatch(message, /^Bcc:/m);
  await t.rejects(provider.send({ ...mail, messageId: '../../etc/x' }), { message: /file name/ });
});

test('a folder that cannot be written is no fault of the mail', async (t) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'platen-mail-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  await writeFile(path.join(dir, 'file'), 'in the way');
  const provider = logMailProvider({ dir: path.join(dir, 'file'), log: recordLog().log });
  await t.rejects(provider.send(mail), { name: 'DependencyAway' });
});
