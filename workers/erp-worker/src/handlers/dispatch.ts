import type { EventHandler } from '@platen/chassis/bus/bus';
import type { Subscription } from '@platen/chassis/worker-process/consumers';
import type { EventType } from '@platen/schema/events/index';
import { modules } from '@platen/schema/modules';
import type { JobRunner } from '../jobs/runner.js';
import { type OrderConfirmedDeps, orderConfirmed } from './erp.order/order-confirmed.js';
import { orderMoved, type SiteWritesDeps } from './erp.order/order-moved.js';
import { type RuleSetPublishedDeps, ruleSetPublished } from './erp.pricing_rule_set/rule-set-published.js';
import { purchaseReceived } from './erp.purchase_order/purchase-received.js';
import { type QuoteExpiryDueDeps, quoteExpiryDue } from './erp.quote/quote-expiry-due.js';
import { type QuoteSentDeps, quoteSent } from './erp.quote/quote-sent.js';
import { type AccountMailDeps, accountMail } from './platform.user/account-mail.js';

export const ofDataPlane = (
  deps: QuoteSentDeps & QuoteExpiryDueDeps & OrderConfirmedDeps & RuleSetPublishedDeps & SiteWritesDeps,
  isFeatureEnabled: (flag: string) => boolean,
): Subscription => ({
  // Also what is of no use without DecoNetwork: events of a topic that nobody reads any more would be kept for ever.
  topics: ['erp.quote', 'erp.order', 'erp.pricing_rule_set', 'erp.purchase_order'],
  handler: byType({
    'erp.quote.sent': quoteSent(deps),
    'erp.quote.expiry_due': quoteExpiryDue(deps),
    'erp.order.confirmed': orderConfirmed(deps),
    'erp.pricing_rule_set.published': ruleSetPublished(deps),
    ...(isFeatureEnabled(modules['erp.deconetwork'].featureFlag) && {
      'erp.order.ready': orderMoved(deps, 'ready'),
      'erp.order.shipped': orderMoved(deps, 'shipped'),
      'erp.purchase_order.received': purchaseReceived(deps),
    }),
  }),
});

/** A consumer of its own: a job waits for a place, mails do not wait for it. */
export const ofJobs = (runner: Pick<JobRunner, 'queued'>): Subscription => ({
  topics: ['erp.job'],
  handler: byType({ 'erp.job.queued': runner.queued }),
});

export function ofControlPlane(deps: AccountMailDeps): Subscription {
  const mail = accountMail(deps);
  return {
    topics: ['platform.user'],
    handler: byType({
      'platform.user.invited': mail,
      'platform.user.password_reset_requested': mail,
      'platform.user.email_change_requested': mail,
      'platform.user.email_changed': mail,
      'platform.user.password_changed': mail,
    }),
  };
}

function byType(handlers: Partial<Record<EventType, EventHandler>>): EventHandler {
  const byName = new Map(Object.entries(handlers));
  return async (delivery) => byName.get(delivery.event.type)?.(delivery);
}
