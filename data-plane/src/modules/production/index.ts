export { closeJobs, type OpenPieces, openPieces, workedPieces } from './for-orders.js';
