export { createDirectory, type Directory, type TenantEntry } from './directory.js';
export { type Follower, followFeed } from './follow.js';
