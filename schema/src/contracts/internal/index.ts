import { accountMails } from './account-mails.js';
import { deadLetters } from './dead-letters.js';
import {
  deconetworkCalls,
  deconetworkConnections,
  deconetworkEvents,
  deconetworkRecords,
  deconetworkRework,
} from './deconetwork.js';
import { exportRows } from './export-rows.js';
import { feed, instances } from './feed.js';
import { jobFiles } from './job-files.js';
import { jobs } from './jobs.js';
import { keySet } from './key-set.js';
import { mockups } from './mockups.js';
import { orderMail } from './order-mail.js';
import { outbox } from './outbox.js';
import { productionRuns } from './production-runs.js';
import { quoteExpiry } from './quote-expiry.js';
import { quoteMail } from './quote-mail.js';
import { repricing } from './repricing.js';
import { telemetryReadings } from './telemetry-readings.js';
import { tenants } from './tenants.js';
import { token } from './token.js';

/** Served by the control plane's internal listener. The outbox and its letters are both planes': each reads its own databases. */
export const controlInternalContracts = { token, feed, instances, keySet, outbox, deadLetters, accountMails } as const;
/** Served by the data plane's internal listener. */
export const dataInternalContracts = {
  outbox,
  deadLetters,
  quoteMail,
  quoteExpiry,
  jobs,
  jobFiles,
  exportRows,
  mockups,
  orderMail,
  repricing,
  productionRuns,
  deconetworkConnections,
  deconetworkRecords,
  deconetworkRework,
  deconetworkCalls,
  deconetworkEvents,
  telemetryReadings,
  tenants,
} as const;
