import { controlAway } from './control-away.js';
import type { Fault } from './fault.js';
import { planeKills } from './plane-kills.js';
import { postgresRestart } from './postgres-restart.js';
import { redisAway } from './redis-away.js';

interface NamedFault {
  /** A line of the help text. */
  readonly help: string;
  readonly run: Fault;
}

/** By the name that `npm run soak` knows it by. */
export const faults: Readonly<Record<string, NamedFault>> = {
  'control-away': {
    help: 'the control plane is away for --minutes (10); data planes are killed meanwhile',
    run: controlAway,
  },
  'plane-kills': {
    help: 'the data plane is killed in mid-transaction, 20 times, while a shop works',
    run: planeKills,
  },
  'postgres-restart': {
    help: 'the server of an ERP database is killed under load, and is a black hole',
    run: postgresRestart,
  },
  'redis-away': {
    help: 'the Redis of two instances of each plane refuses, and is a black hole',
    run: redisAway,
  },
};
