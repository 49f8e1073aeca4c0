export { createDirectory, type Directory, hasModule, type TenantEntry } from './directory.js';
export { type Follower, followFeed } from './follow.js';
