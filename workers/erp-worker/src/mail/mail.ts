import type { SendMailOptions } from 'nodemailer';

export interface Mail {
  /** Derived from what caused the mail, so that a repeat is the same message. `local@domain`, without brackets. */
  readonly messageId: string;
  /** Of what caused it, for the same reason. */
  readonly date: Date;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Sends at least once: a mail whose acknowledgement was lost is sent again, under the same message id. */
export interface MailProvider {
  /**
   * Resolves when another server has taken the mail. What it rejects with names neither reader nor content, and has no
   * cause: servers repeat addresses in what they answer, and the bus keeps and logs errors.
   * @throws DependencyAway when the way out is closed, which is not the mail's fault
   * @throws UnprocessableEvent when this mail will never be taken
   * @throws MailDeferred when this mail is to come again later
   */
  send(mail: Mail, signal?: AbortSignal): Promise<void>;
  /** What is being sent is finished first. */
  close(): void;
}

/** Nobody is to answer it (RFC 3834): no reply of an absent reader, no loop between robots. */
export const mailHeaders = { 'Auto-Submitted': 'auto-generated' } as const;

/** The mail as a message of RFC 5322. Nothing in it is ever read as a path or a URL. */
export const messageOf = (mail: Mail): SendMailOptions => ({
  from: mail.from,
  to: mail.to,
  subject: mail.subject,
  text: mail.text,
  html: mail.html,
  date: mail.date,
  messageId: `<${mail.messageId}>`,
  headers: mailHeaders,
  disableFileAccess: true,
  disableUrlAccess: true,
});
