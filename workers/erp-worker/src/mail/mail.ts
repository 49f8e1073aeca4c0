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
  /** @throws DependencyAway when the way out is closed, which is not the mail's fault */
  send(mail: Mail): Promise<void>;
}
