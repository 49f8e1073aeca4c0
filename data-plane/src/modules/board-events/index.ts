import { readLastEventId } from '@platen/chassis/http/event-stream';
import { boardEvents, boardEventTypes } from '@platen/schema/contracts/data/board-events';
import type { EventType, Topic } from '@platen/schema/events/index';
import { topic } from '@platen/schema/events/production-job';
import type { EventFeed } from '../event-streams/index.js';
import { implement, type Module } from '../module.js';

// The keys of an object of events are their types.
const types = Object.keys(boardEventTypes) as EventType[];

/** Topics whose events streams alone read: no consumer says when they are done with. */
export const streamedTopics: readonly Topic[] = [topic];

/** What happens on the board, to whoever has it before them. */
export const boardEventsModule = (events: EventFeed): Module => ({
  implementations: [
    implement(boardEvents.events, ({ ctx, query, request }) =>
      events.open(ctx, types, readLastEventId(request, query)),
    ),
  ],
});
