import { orderEvents, topic as orderTopic } from './order.js';
import { quoteEvents, topic as quoteTopic } from './quote.js';

/** Topic → event type → schema of its data. A topic per aggregate; the key is `tenant_id:aggregate_id`. */
export const topics = { [quoteTopic]: quoteEvents, [orderTopic]: orderEvents } as const;
export type Topic = keyof typeof topics;
