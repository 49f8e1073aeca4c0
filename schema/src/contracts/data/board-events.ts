import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { orderEvents } from '../../events/order.js';
import { productionJobEvents } from '../../events/production-job.js';
import { closed, streamQuery } from '../shapes.js';

/** What changes a board: its jobs, and what the orders of its cards lack from stock. */
export const boardEventTypes = {
  ...productionJobEvents,
  'erp.order.blanks_changed': orderEvents['erp.order.blanks_changed'],
} as const;

export const boardEvents = contracts('erp.production.board', {
  events: {
    method: 'GET',
    path: '/api/erp/production/board/events',
    access: requires('erp.production_job.read'),
    summary: 'Follow the board as it changes',
    description:
      'Server-sent events of the jobs in this context, and of what their orders lack. Begin with the `position` of a board as `last_event_id`: nothing between the two is missed. An event that the board has already is of no later version than its card. After `reset`, get the board anew.',
    query: closed(streamQuery),
    status: 200,
    response: Type.String({ description: 'The stream' }),
    mediaType: 'text/event-stream',
    navigable: true,
    events: boardEventTypes,
    errors: ['busy'],
  },
});
