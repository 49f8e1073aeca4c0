import type { Sweep } from '@platen/chassis/db/sweeps';
import { v7 as uuidv7 } from 'uuid';
import { retireDueKeys } from './service.js';

/** Nobody has to remember a rotation's end. */
export const keySweep: Sweep = {
  name: 'signing keys',
  deleteSome: (tx, limit) => {
    const newId = () => uuidv7();
    return retireDueKeys(tx, { principal: null, ip: null, correlationId: `sweep-${newId()}`, newId }, limit);
  },
};
