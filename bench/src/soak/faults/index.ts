import { otherClockIsMissing } from '../../environment/clock.js';
import { clocks } from './clocks.js';
import { controlAway } from './control-away.js';
import { diskFull } from './disk-full.js';
import type { Fault } from './fault.js';
import { keyRotation } from './key-rotation.js';
import { manyTenants } from './many-tenants/run.js';
import { migrations } from './migrations.js';
import { overQuota } from './over-quota.js';
import { planeKills } from './plane-kills.js';
import { postgresRestart } from './postgres-restart.js';
import { redisAway } from './redis-away.js';
import { rollingRestart } from './rolling-restart.js';
import { slowSockets } from './slow-sockets.js';
import { mountsAreMissing } from './small-disk.js';
import { tenantRestore } from './tenant-restore.js';

interface NamedFault {
  /** A line of the help text. */
  readonly help: string;
  readonly run: Fault;
  /** The program without which it cannot be run, where that is missing. */
  readonly isMissing?: string | false;
}

/** By the name that `npm run soak` knows it by. */
export const faults: Readonly<Record<string, NamedFault>> = {
  clocks: {
    help: 'one side has the wrong time, by half a minute and by ten (needs libfaketime)',
    run: clocks,
    isMissing: otherClockIsMissing,
  },
  'control-away': {
    help: 'the control plane is away for --minutes (10); data planes are killed meanwhile',
    run: controlAway,
  },
  'disk-full': {
    help: 'the disk of a database, of uploads and of the copy of the feed is full, and has room again',
    run: diskFull,
    isMissing: mountsAreMissing,
  },
  'key-rotation': {
    help: 'signing keys are rotated under load, and the one that signs is taken away',
    run: keyRotation,
  },
  'many-tenants': {
    help: '10,000 tenants in four databases read at one data plane, some much and most little',
    run: manyTenants,
  },
  migrations: {
    help: 'five migrations at once, ten killed half-way, one more under services that run',
    run: migrations,
  },
  'over-quota': {
    help: 'one tenant sends 20 times what its plan allows while another works',
    run: overQuota,
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
  'rolling-restart': {
    help: 'two data planes behind nginx are replaced in turn under load, for --minutes (1.5)',
    run: rollingRestart,
  },
  'slow-sockets': {
    help: '500 connections send a byte a second while another tenant works',
    run: slowSockets,
  },
  'tenant-restore': {
    help: 'a tenant of 20,000 orders and a million readings is backed up and restored while another works',
    run: tenantRestore,
  },
};
