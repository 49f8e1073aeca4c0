import { DependencyAway, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { currentTraceparent, inSpan } from '@platen/chassis/tracing/current';
import type { Tracing } from '@platen/chassis/tracing/tracing';
import type { MailProvider } from './mail.js';
import { MailDeferred } from './mail-failures.js';

export type MailOutcome = 'sent' | 'deferred' | 'refused' | 'away' | 'failed';

/** Each try is a span of what the mail is about, and counted; neither says whose it is. */
export const observeMails = (
  provider: MailProvider,
  { tracing, ended }: { readonly tracing: Tracing | null; readonly ended: (outcome: MailOutcome) => void },
): MailProvider => ({
  async send(mail, signal) {
    try {
      const span = { name: 'send mail', kind: 'client', parent: currentTraceparent() } as const;
      await inSpan(tracing, span, () => provider.send(mail, signal));
      ended('sent');
    } catch (error) {
      ended(outcomeOf(error));
      throw error;
    }
  },
  close: () => provider.close(),
});

function outcomeOf(error: unknown): MailOutcome {
  if (error instanceof MailDeferred) return 'deferred';
  if (error instanceof UnprocessableEvent) return 'refused';
  return error instanceof DependencyAway ? 'away' : 'failed';
}
