import { listOrders, readOneOrder } from './reads.js';
import type { Row } from './row.js';

export const allRows: readonly Row[] = [readOneOrder, listOrders];
