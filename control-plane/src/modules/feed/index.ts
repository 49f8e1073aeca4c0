export {
  appendChange,
  appendOrganization,
  appendSigningKeys,
  appendTenant,
  appendTenantsOfPlan,
  lockLog,
  revokedSession,
} from './append-change.js';
export { createHeartbeat, type Heartbeat } from './heartbeat.js';
export {
  deleteInstance,
  instanceLiveSeconds,
  instanceSweep,
  type LiveInstance,
  listLiveInstances,
} from './instances.js';
export { feedRoutes } from './routes.js';
export { createFeedService, type FeedService, feedSweep } from './service.js';
export { listenForChanges, type WakeUp } from './wake-up.js';
