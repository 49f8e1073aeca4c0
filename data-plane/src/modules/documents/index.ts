/** What documents (quotes, orders) have in common: their days, moves, money and lists. No endpoints of its own. */
export { addDays, dateIn, endOfDayIn } from './calendar.js';
export { beginningWith, listing } from './listing.js';
export { moneyJson, moneyOf } from './money.js';
export { beginsWith, newestFirst } from './newest-first.js';
export { normalized } from './normalized.js';
export { actorOf, type FindOrganization, organizationOf } from './organization.js';
export { noWay, requireMove, requireStatus, requireVersion } from './transition.js';
