import type { Sweep } from '@platen/chassis/db/sweeps';
import { updateExpiredSecrets } from './repo.js';

/** For mails that no worker ever came for. */
export const accountMailSweep: Sweep = { name: 'secrets of expired links', deleteSome: updateExpiredSecrets };
