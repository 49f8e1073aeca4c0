import { type Delivery, UnprocessableEvent } from '@platen/chassis/bus/bus';
import { createChecker } from '@platen/chassis/validation/checker';
import { scopeOf } from '@platen/chassis/worker-process/event-scope';
import { rethrowExplained } from '@platen/chassis/worker-process/failures';
import { RuleSetPublished } from '@platen/schema/events/pricing-rule-set';
import type { DataInternalClient } from '@platen/sdk/internal';

const publishedData = createChecker(RuleSetPublished);

export interface RuleSetPublishedDeps {
  readonly dataPlane: Pick<DataInternalClient, 'repricing'>;
}

/** `erp.pricing_rule_set.published` → a job that reports what it changes in open quotes; once, however often it comes. */
export const ruleSetPublished =
  ({ dataPlane }: RuleSetPublishedDeps) =>
  async ({ event, signal }: Delivery): Promise<void> => {
    if (!publishedData.check(event.data)) throw new UnprocessableEvent('the data is not of its type');
    const { rule_set_version_id, currency, valid_from } = event.data;
    const asked = { ...scopeOf(event), event_id: event.id, rule_set_version_id, currency, valid_from };
    await dataPlane.repricing.request(asked, { correlationId: event.correlationid, signal }).catch(rethrowExplained);
  };
