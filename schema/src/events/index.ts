import type { Static } from 'typebox';
import { jobEvents, topic as jobTopic } from './job.js';
import { orderEvents, topic as orderTopic } from './order.js';
import { pricingRuleSetEvents, topic as pricingRuleSetTopic } from './pricing-rule-set.js';
import { productionJobEvents, topic as productionJobTopic } from './production-job.js';
import { purchaseOrderEvents, topic as purchaseOrderTopic } from './purchase-order.js';
import { quoteEvents, topic as quoteTopic } from './quote.js';
import { telemetryAlertEvents, topic as telemetryAlertTopic } from './telemetry-alert.js';
import { telemetryJobEvents, topic as telemetryJobTopic } from './telemetry-job.js';
import { telemetryReadingsEvents, topic as telemetryReadingsTopic } from './telemetry-readings.js';
import { tenantEvents, topic as tenantTopic } from './tenant.js';
import { userEvents, topic as userTopic } from './user.js';

/** Topic → event type → schema of its data. A topic per aggregate; the key is `tenant_id:aggregate_id`. */
export const topics = {
  [quoteTopic]: quoteEvents,
  [orderTopic]: orderEvents,
  [pricingRuleSetTopic]: pricingRuleSetEvents,
  [productionJobTopic]: productionJobEvents,
  [purchaseOrderTopic]: purchaseOrderEvents,
  [jobTopic]: jobEvents,
  [userTopic]: userEvents,
  [tenantTopic]: tenantEvents,
  [telemetryReadingsTopic]: telemetryReadingsEvents,
  [telemetryAlertTopic]: telemetryAlertEvents,
  [telemetryJobTopic]: telemetryJobEvents,
} as const;
export type Topic = keyof typeof topics;
export const topicNames = Object.keys(topics) as Topic[];

/** Event type → schema of its data. */
export const eventSchemas = {
  ...quoteEvents,
  ...orderEvents,
  ...pricingRuleSetEvents,
  ...productionJobEvents,
  ...purchaseOrderEvents,
  ...jobEvents,
  ...userEvents,
  ...tenantEvents,
  ...telemetryReadingsEvents,
  ...telemetryAlertEvents,
  ...telemetryJobEvents,
} as const;
export type EventType = keyof typeof eventSchemas;
export type EventData<T extends EventType> = Static<(typeof eventSchemas)[T]>;

const topicByType = new Map<string, Topic>(
  topicNames.flatMap((topic) => Object.keys(topics[topic]).map((type): [string, Topic] => [type, topic])),
);

/** The topic that an event type is published on. */
export function topicOf(type: EventType): Topic {
  const topic = topicByType.get(type);
  if (topic === undefined) throw new Error(`no topic has events of type ${type}`);
  return topic;
}
