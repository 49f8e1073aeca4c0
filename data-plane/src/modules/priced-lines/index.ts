/** What quotes and orders have alike: their priced lines, taxes and deposit, as rows and as JSON. No endpoints of its own. */
export { depositOf } from './deposit.js';
export { linesJson, taxSharesJson } from './json.js';
export { type RequestedLine, requestedLinesOf } from './requested-lines.js';
export { type LineOwner, lineWriter } from './write-lines.js';
