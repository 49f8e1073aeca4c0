import { DependencyAway } from '@platen/chassis/bus/bus';
import type { Logger } from '@platen/chassis/log/logger';

/** Not now, and because of this mail rather than the way out: a full mailbox, greylisting. Counted as a try. */
export class MailDeferred extends Error {
  override readonly name = 'MailDeferred';
}

/** The provider is there and will not have us: settings of the installation, which no mail is to suffer for. */
export class MailSettingsRefused extends DependencyAway {}

/** One line when the provider will not have us, naming what to look at, and one when it does again. */
export function createRefusalLog(log: Logger, variables: string) {
  let refused = false;
  return {
    failed(failure: Error): void {
      if (!(failure instanceof MailSettingsRefused) || refused) return;
      refused = true;
      log.error({ reason: failure.message, variables }, 'mails wait: the mail provider refuses this installation');
    },
    taken(): void {
      if (refused) log.info('the mail provider takes mails again');
      refused = false;
    },
  };
}
