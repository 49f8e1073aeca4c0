import { feed, instances } from './feed.js';
import { outbox } from './outbox.js';
import { quoteMail } from './quote-mail.js';
import { token } from './token.js';

/** Served by the control plane's internal listener. */
export const controlInternalContracts = { token, feed, instances } as const;
/** Served by the data plane's internal listener. */
export const dataInternalContracts = { outbox, quoteMail } as const;
