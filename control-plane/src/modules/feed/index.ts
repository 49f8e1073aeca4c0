export { appendChange, appendOrganization, appendTenant, revokedSession } from './append-change.js';
export { feedRoutes } from './routes.js';
export { createFeedService, type FeedService, feedSweep } from './service.js';
export { listenForChanges, type WakeUp } from './wake-up.js';
