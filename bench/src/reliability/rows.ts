import { readSoakOptions } from '../soak/options.js';

/** A row of the table in docs/reliability.md. */
export interface Row {
  readonly id: string;
  readonly fault: string;
  readonly pass: string;
  /** What `npm run soak --` is given, one run after the other. */
  readonly soaks: readonly string[];
  /** Of sources, from the top of the repository: what CI runs of it. */
  readonly tests: readonly string[];
}

export const rows: readonly Row[] = [
  {
    id: 'plane-killed',
    fault: 'the data plane killed in mid-transaction, 20 times',
    pass: 'nothing partial, nothing acknowledged lost, a retry with the same key has one effect, locks free within 2 s',
    soaks: ['plane-kills'],
    tests: ['sdk/test/e2e/exactly-once.test.ts', 'sdk/test/e2e/faults.test.ts'],
  },
  {
    id: 'postgres-away',
    fault: 'the server of an ERP database killed under load and started again, or a black hole',
    pass: 'the process lives; first success within 5 s of its return; only 503 with Retry-After meanwhile, of a black hole within 3 s; `/health` within 100 ms; tenants of another database untouched',
    soaks: ['postgres-restart'],
    tests: ['chassis/src/db/faults.db.test.ts'],
  },
  {
    id: 'redis-away',
    fault: 'Redis refuses, or is a black hole',
    pass: "limits fall back to the instance's own, caches miss, no request slower by more than 150 ms, nothing wrong served",
    soaks: ['redis-away'],
    tests: ['chassis/src/cache/redis-faults.test.ts', 'sdk/test/e2e/two-by-two.test.ts'],
  },
  {
    id: 'broker-away',
    fault: 'Kafka away for minutes under 50 writes a second',
    pass: 'no write refused, the outbox holds all, drained within 60 s of its return, effects once, order per aggregate',
    soaks: ['kafka-outage --outage 120 --events 12000'],
    tests: ['chassis/src/bus/kafka/relay.db.test.ts', 'chassis/src/bus/kafka/kafka-away.test.ts'],
  },
  {
    id: 'worker-killed',
    fault: 'worker killed between effect and acknowledgement',
    pass: 'its events come again, their effects do not',
    soaks: ['worker-kills', 'worker-kills --bus outbox'],
    tests: ['chassis/src/bus/kafka/kafka-crash.test.ts', 'workers/erp-worker/src/worker.test.ts'],
  },
  {
    id: 'rebalance',
    fault: 'workers join and leave while events flow',
    pass: 'effects once, order per aggregate, no standstill',
    soaks: ['rebalance'],
    tests: ['chassis/src/bus/kafka/kafka-rebalance.test.ts', 'chassis/src/bus/kafka/partition-reader.test.ts'],
  },
  {
    id: 'poison',
    fault: 'a message that always fails',
    pass: 'a dead letter after its tries, the partition flows, its followers in order once it is dropped or mended',
    soaks: ['poison', 'poison --bus outbox'],
    tests: ['chassis/src/testkit/bus-suite.ts', 'data-plane/src/modules/outbox/letters.db.test.ts'],
  },
  {
    id: 'site',
    fault:
      'DecoNetwork pages drift, calls fail and workers are killed in an import, its second run, write-back and undo',
    pass: "what is here is the site's, once; a second run writes nothing; undone is as it was before",
    soaks: ['deconetwork'],
    tests: ['sdk/test/e2e/deconetwork.test.ts', 'data-plane/src/modules/deconetwork/apply/undo.db.test.ts'],
  },
  {
    id: 'control-away',
    fault: 'the control plane away for 10 minutes; data planes killed with SIGKILL meanwhile',
    pass: 'who is signed in is served, a revocation that was applied still holds; a data plane with neither snapshot nor keys is not ready, and says why',
    soaks: ['control-away'],
    tests: ['sdk/test/e2e/faults.test.ts', 'data-plane/src/feed/follower.test.ts'],
  },
  {
    id: 'key-rotation',
    fault: 'signing keys rotated under load; the key that signs taken away',
    pass: 'no false 401; what it has signed refused everywhere within 60 s',
    soaks: ['key-rotation'],
    tests: ['sdk/test/e2e/rotation.test.ts', 'sdk/test/e2e/two-by-two.test.ts'],
  },
  {
    id: 'clocks',
    fault: 'the time of day of a control plane, a data plane or a worker wrong by 30 s, by 10 minutes',
    pass: "30 s: no error; 10 minutes: refusals, no crash; leases go by the database's clock",
    soaks: ['clocks'],
    tests: ['chassis/src/auth/verifier.test.ts', 'data-plane/src/modules/outbox/leases.db.test.ts'],
  },
  {
    id: 'over-quota',
    fault: 'one tenant at 20 times its quota',
    pass: "others' p99 within 2 times of quiet, no error; it gets 429",
    soaks: ['over-quota'],
    tests: ['chassis/src/testkit/limits-suite.ts'],
  },
  {
    id: 'many-tenants',
    fault: '10,000 tenants over 4 databases, the one of rank n asked for an n-th as often as the first',
    pass: 'one pool for each database, at most 60 connections, at most 512 MB resident, no row of another tenant in 100,000 reads',
    soaks: ['many-tenants'],
    tests: ['sdk/test/e2e/isolation.test.ts', 'data-plane/src/routing/kinds.db.test.ts'],
  },
  {
    id: 'readings',
    fault: 'the database of telemetry killed while readings come, and the plane',
    pass: 'every acknowledged reading there, once; roll-ups equal to raw; what needs no telemetry goes on',
    soaks: ['telemetry --part faults', 'telemetry --part faults --engine timescaledb'],
    tests: ['data-plane/src/modules/telemetry/ingest/ingest-killed.db.test.ts'],
  },
  {
    id: 'readings-flood',
    fault: 'a tenant sends all the readings that it can',
    pass: "another's p99 within 2 times of quiet; nothing of it refused",
    soaks: ['telemetry --part neighbour'],
    tests: [
      'data-plane/src/modules/telemetry/pace.test.ts',
      'data-plane/src/modules/telemetry/ingest/slices.test.ts',
      'data-plane/src/modules/telemetry/ingest/batcher.test.ts',
    ],
  },
  {
    id: 'readings-steady',
    fault: 'ten minutes at four fifths of what the machine can take',
    pass: 'memory flat; every reading there, once',
    soaks: ['telemetry --part steady --minutes 10'],
    tests: [],
  },
  {
    id: 'rolling-restart',
    fault: 'two data planes replaced in turn behind a proxy under load',
    pass: 'no 5xx, no reset connection, exit within 10 s, keep-alive sockets closed, streams without a gap',
    soaks: ['rolling-restart'],
    tests: ['sdk/test/e2e/proxy.test.ts'],
  },
  {
    id: 'slow-sockets',
    fault: '500 sockets at one byte a second',
    pass: "others' p99 within 2 times of quiet; the slow are cut within 15 s",
    soaks: ['slow-sockets'],
    tests: ['chassis/src/http/arrivals.test.ts', 'chassis/src/http/upload.test.ts'],
  },
  {
    id: 'migrations',
    fault: 'five migrations at once; killed half-way; services running over a newer schema',
    pass: 'one runs; a re-run finishes; who works is refused nothing',
    soaks: ['migrations'],
    tests: ['chassis/src/db/migrate.db.test.ts'],
  },
  {
    id: 'disk-full',
    fault: 'the disk of a database, of uploads and of the copy of the feed is full',
    pass: '503, no corruption, recovers when there is room',
    soaks: ['disk-full'],
    tests: ['data-plane/src/storage/local-storage.test.ts', 'data-plane/src/feed/follower.test.ts'],
  },
  {
    id: 'tenant-restore',
    fault: 'backup and restore of one tenant',
    pass: 'row hashes equal, others unchanged, nothing re-sent',
    soaks: ['tenant-restore'],
    tests: [
      'deploy/tenant-archive/src/tenant-archive.db.test.ts',
      'deploy/tenant-archive/src/meanwhile.db.test.ts',
      'sdk/test/e2e/tenant-archive.test.ts',
    ],
  },
];

/** @throws UsageError for a soak that there is not */
export function assertRows(): void {
  for (const { soaks } of rows) for (const soak of soaks) readSoakOptions(soak.split(' '));
  if (new Set(rows.map(({ id }) => id)).size !== rows.length) throw new Error('two rows have one id');
}
