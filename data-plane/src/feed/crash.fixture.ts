import { createLogger } from '@platen/chassis/log/logger';
import { openFeedDisk } from './disk.js';
import { FakeControl } from './fake-control.fixture.js';
import { FeedFollower } from './follower.js';
import { FeedStore } from './store.js';

/**
 * Follows a feed of revocations that never ends, and prints each as soon as it is in force. Whoever started this kills
 * it at any moment.
 */
const [folder = ''] = process.argv.slice(2);
const store = new FeedStore({ baseDomain: 'localhost', now: Date.now });
const control = new FakeControl();
const tenantId = '01930000-0000-7000-8000-000000000001';
control.snapshotEntities = [
  {
    kind: 'tenant',
    id: tenantId,
    slug: 'acme',
    name: 'Acme',
    status: 'active',
    domains: [],
    erp_db_key: 'erp-1',
    telemetry_db_key: null,
    authz_epoch: 0,
    modules: [],
    limits: {},
  },
];
const follower = new FeedFollower({
  store,
  disk: await openFeedDisk(folder),
  client: control,
  log: createLogger({ service: 'test', level: 'silent' }),
  instanceId: '01930000-0000-7000-8000-000000000002',
});
await follower.start();
const { v7: uuidv7 } = await import('uuid');
for (;;) {
  const sid = uuidv7();
  const forgetAt = new Date(Date.now() + 960_000).toISOString();
  control.publish({ kind: 'revoked_session', tenant_id: tenantId, session_id: sid, forget_at: forgetAt });
  while (store.refusalOf(tenantId, { sub: tenantId, sid, epo: [0, 0] }) !== 'token_revoked') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.stdout.write(`${sid}\n`);
}
