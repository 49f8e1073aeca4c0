import { accessDecisions } from './access.js';
import { accounts } from './accounts.js';
import { board } from './board.js';
import { databaseOnly } from './database.js';
import { feed } from './feed.js';
import { importCatalogue } from './import.js';
import { ingest } from './ingest.js';
import { kafka } from './kafka.js';
import { keycloak } from './keycloak.js';
import { pricing } from './pricing.js';
import { createQuote, eventEffect } from './quotes.js';
import { listOrders, readOneOrder } from './reads.js';
import { revocation } from './revocation.js';
import type { Row } from './row.js';
import { search } from './search.js';
import { series } from './series.js';
import { login, refresh } from './sign-in.js';
import { start } from './start.js';
import { tenants } from './tenants.js';

/** In the order in which they run: what needs quiet first. */
export const allRows: readonly Row[] = [
  accessDecisions,
  pricing,
  start,
  ingest,
  series,
  databaseOnly,
  readOneOrder,
  listOrders,
  createQuote,
  revocation,
  login,
  refresh,
  accounts,
  tenants,
  feed,
  eventEffect,
  kafka,
  board,
  // Its catalogue stays in the tables of the others.
  search,
  // What it has made stays too.
  importCatalogue,
  keycloak,
];
