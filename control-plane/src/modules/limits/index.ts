export { countedUsers } from './counted-users.js';
export { type EffectiveLimit, effectiveLimit, type LimitFacts } from './effective-limit.js';
export { readLimit } from './read-limit.js';
