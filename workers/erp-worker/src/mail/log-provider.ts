import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DependencyAway } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';
import nodemailer from 'nodemailer';
import { type Mail, type MailProvider, messageOf } from './mail.js';

/** What may stand in a file name: a message id is made by us, but this is where it becomes a path. */
const safeName = /^[A-Za-z0-9][A-Za-z0-9.@_-]{0,200}$/;

/**
 * Sends nothing: each mail becomes `<message id>.eml` in a folder, and a repeat replaces it. The log line has the id
 * only, because whom a mail goes to and what it says is nobody's business.
 */
export function logMailProvider(options: { readonly dir: string; readonly log: Logger }): MailProvider {
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  async function compose(mail: Mail): Promise<Buffer> {
    const { message } = await composer.sendMail(messageOf(mail));
    // `buffer: true` makes it one; the type knows streams too.
    return message as Buffer;
  }

  return {
    async send(mail) {
      if (!safeName.test(mail.messageId)) throw new Error('the message id cannot be a file name');
      const message = await compose(mail);
      try {
        await replaceFile(options.dir, `${mail.messageId}.eml`, message);
      } catch (error) {
        throw new DependencyAway('the mail folder cannot be written', { cause: error });
      }
      options.log.info({ message_id: mail.messageId }, 'mail written');
    },
    close: () => composer.close(),
  };
}

/** After this the file is there as a whole, or as it was before, whenever the power goes. */
async function replaceFile(dir: string, name: string, content: Buffer): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  // Not `.eml`: what a crash leaves behind is no mail. One process at a time handles an event, so the name is its own.
  const temporary = path.join(dir, `.${name}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path.join(dir, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // The rename is in the folder, which has to reach the disk too.
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
