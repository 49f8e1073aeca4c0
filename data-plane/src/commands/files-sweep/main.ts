import { createLogger } from '@platen/chassis/log/logger';
import { createInternalClient } from '@platen/sdk/internal';
import { readConfig } from '../../config.js';
import { controlClientOf } from '../../feed/control-client.js';
import { readSnapshotLines } from '../../feed/read-snapshot.js';
import { FeedStore } from '../../feed/store.js';
import { createRouter } from '../../routing/router.js';
import { openStorage } from '../../storage/open-storage.js';
import { type SweptPlace, sweepFiles } from './sweep-files.js';

const usage = `usage: npm run files:sweep [-- --apply]
  tells what killed uploads and deletions left in the storage for more than a day, with the variables of a data plane
  --apply   deletes it`;

/** `npm run files:sweep [-- --apply]`, with the variables of a data plane. */
async function run(words: readonly string[]): Promise<void> {
  if (words.includes('--help')) {
    console.log(usage);
    return;
  }
  if (words.some((word) => word !== '--apply')) throw new Error(usage);
  const apply = words.includes('--apply');
  const config = readConfig(process.env);
  // From the control plane, not from a copy: where a tenant's rows are must be what it is now.
  const client = controlClientOf(createInternalClient({ ...config.control, contracts: 'control' }));
  const { position, entities } = await readSnapshotLines(await client.snapshot(AbortSignal.timeout(60_000)));
  const store = new FeedStore({ baseDomain: config.baseDomain, now: Date.now });
  store.adopt(store.successor(position, Date.now(), entities));
  const router = createRouter({
    catalogue: config.catalogue,
    log: createLogger({ service: 'files-sweep', level: 'warn' }),
  });
  const storage = await openStorage(config.storage);

  function* places(): Generator<SweptPlace> {
    for (const entity of store.entities()) {
      if (entity.kind !== 'organization') continue;
      const tenant = store.tenantById(entity.tenant_id);
      if (!tenant) continue;
      const scope = { tenantId: tenant.id, organizationId: entity.id, workspaceId: null };
      yield { tenantId: tenant.id, organizationId: entity.id, db: router.open(tenant, scope) };
    }
  }
  try {
    const print = (line: string) => console.log(line);
    const swept = await sweepFiles({ places: places(), storage, print, now: new Date(), apply });
    const done = apply ? '' : ' would be swept; run it with --apply';
    print(
      `${swept.finished} deletions finished, ${swept.orphans} objects without a row (${swept.orphanBytes} bytes), ${swept.unfinished} unfinished uploads${done}`,
    );
  } finally {
    await Promise.all([storage.close(), router.close()]);
  }
}

await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`files:sweep: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
