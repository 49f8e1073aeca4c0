import { DependencyAway, UnprocessableEvent } from '@platen/chassis/bus/bus';
import type { NodemailerError } from 'nodemailer';
import { MailDeferred, MailSettingsRefused } from './mail-failures.js';

/** Replies about who we are (RFC 4954): sign in, another way, stronger, not with these. */
const authenticationReplies: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** What the server said, without its words: those often repeat the address. */
function replyOf({ responseCode, response, command }: NodemailerError): string {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1];
  return [responseCode, enhanced, 'to', command?.split(' ').slice(0, 2).join(' ')].filter(Boolean).join(' ');
}

/** RFC 3463: 3 is about the server and 4 about the network, 1 and 2 about the address and the mailbox. */
const isAboutServer = (response = ''): boolean => /^4\d\d[ -]4\.[34]\./.test(response);

/** What a failed try means for the event. Neither the server's words nor the error itself go on from here. */
export function explainSmtpFailure(error: NodemailerError): Error {
  const { code, responseCode: reply, command = '', response } = error;
  if (reply === undefined) return withoutReply(code ?? error.name);
  if (code === 'EAUTH' || command.startsWith('AUTH') || authenticationReplies.has(reply)) {
    return new MailSettingsRefused(`the mail server refuses our credentials: ${replyOf(error)}`);
  }
  const isAboutMail = command === 'RCPT TO' || command === 'DATA';
  // 503 is a bad sequence of commands: another connection mends it.
  const isPermanent = reply >= 500 && reply !== 503;
  if (!isAboutMail) {
    return isPermanent
      ? new MailSettingsRefused(`the mail server refuses us: ${replyOf(error)}`)
      : new DependencyAway(`the mail server takes no mail now: ${replyOf(error)}`);
  }
  if (isPermanent) return new UnprocessableEvent(`the mail server refuses the mail: ${replyOf(error)}`);
  return reply === 421 || reply === 503 || isAboutServer(response)
    ? new DependencyAway(`the mail server takes no mail now: ${replyOf(error)}`)
    : new MailDeferred(`the mail server wants the mail later: ${replyOf(error)}`);
}

function withoutReply(code: string): Error {
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return new MailSettingsRefused('the mail server takes no credentials of ours');
    case 'EENVELOPE':
    case 'EMESSAGE':
      return new UnprocessableEvent(
        'the mail cannot be sent: its address or its size is not one the mail server takes',
      );
    default:
      return new DependencyAway(`the mail server cannot be reached or does not answer: ${code}`);
  }
}
