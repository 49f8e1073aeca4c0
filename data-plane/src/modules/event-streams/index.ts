export { EventChannel, formatWith } from './event-channel.js';
export { createEventFeed, type EventFeed } from './event-feed.js';
export { FollowedStream, type StreamReader } from './followed-stream.js';
export type { EventPage } from './list-events.js';
