export type { Credentials } from './app.js';
export type { LoggedCall } from './call-log.js';
export { differencesOf, type ImportedOrder } from './differences.js';
export type { Fault, Habits } from './habits.js';
export { centsOf } from './money.js';
export type * from './shapes.js';
export { type DecoNetworkSite, type SiteOptions, startDecoNetworkSite } from './site.js';
export type * from './truth.js';
