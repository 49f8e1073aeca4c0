/** Stock: what lies where, what is promised, and the ledger that proves both. */
export { findLocations, openOrderSheet, openSheet } from './open-sheet.js';
export { type EntrySource, type Location, refuseShort, type Sheet } from './sheet.js';
export { lockWaitingOrders } from './waiting-orders.js';
export { writeSheet } from './write-sheet.js';
