import { createServiceVerifier } from '@platen/chassis/auth/principals';
import { insertEvent } from '@platen/chassis/bus/outbox';
import { type Database, openDatabase } from '@platen/chassis/db/database';
import { statement } from '@platen/chassis/db/statement';
import { type SystemDatabase, systemDatabase } from '@platen/chassis/db/system-database';
import { createInternalServer } from '@platen/chassis/http/server';
import type { Logger } from '@platen/chassis/log/logger';
import { type TestDatabase, testDatabase } from '@platen/chassis/testkit/database';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { recordLog } from '@platen/chassis/testkit/http';
import { patient } from '@platen/chassis/testkit/patient';
import { createTestIssuer, testIssuer } from '@platen/chassis/testkit/tokens';
import { listContracts } from '@platen/schema/contract';
import { deadLetters } from '@platen/schema/contracts/internal/dead-letters';
import { outbox } from '@platen/schema/contracts/internal/outbox';
import { createInternalClient, type DataInternalClient } from '@platen/sdk/internal';
import type { Test } from 'tap';
import { v7 as uuidv7 } from 'uuid';
import type { DatabaseKind } from '../../routing/catalogue.js';
import { type DataOutbox, startDataOutbox } from './index.js';

export interface OutboxPlane {
  readonly databases: readonly OutboxTestDatabase[];
  /** With their sequencers. */
  readonly sequenced: DataOutbox['databases'];
  readonly log: Logger;
  readonly baseUrl: string;
  /** A worker's. */
  serviceToken(): string;
  client(): DataInternalClient;
}

export interface OutboxTestDatabase extends TestDatabase {
  readonly key: string;
  readonly tenantId: string;
  readonly system: SystemDatabase;
  publish(items: readonly { aggregateId: string; ordinal: number }[]): Promise<void>;
}

const one = statement<{ one: string }>('test.one', 'select 1 as one');

async function openTestDatabase(t: Test, key: string, kind: DatabaseKind): Promise<OutboxTestDatabase> {
  const urls = await testDatabase(t, kind);
  const app: Database = openDatabase({ name: key, url: urls.appUrl, poolSize: 4, perTenantShare: 1, ...patient });
  t.teardown(() => app.close());
  const system = systemDatabase({ name: key, url: urls.systemUrl, poolSize: 4, ...patient });
  t.teardown(() => system.close());
  const tenantId = uuidv7();
  const organizationId = uuidv7();
  const origin = {
    correlationId: 'test-publish',
    traceparent: null,
    tenant: { id: tenantId },
    organizationId,
    workspaceId: null,
    newId: () => uuidv7(),
  };
  const scoped = app.scoped({ tenantId, organizationId, workspaceId: null });
  return {
    ...urls,
    key,
    tenantId,
    system,
    async publish(items) {
      await scoped.transaction(async (tx) => {
        await tx.query(one);
        for (const { aggregateId, ordinal } of items) {
          const data = { quote_id: uuidv7(), number: String(ordinal) };
          insertEvent(tx, origin, { type: 'erp.quote.accepted', aggregateId, data });
        }
      });
    },
  };
}

/** The outbox module behind a real internal listener, over databases of its own. */
export async function startOutboxPlane(
  t: Test,
  keys: readonly string[] = ['erp_1'],
  kind: DatabaseKind = 'erp',
): Promise<OutboxPlane> {
  const { log } = recordLog();
  const databases = await Promise.all(keys.map((key) => openTestDatabase(t, key, kind)));
  const plane = startDataOutbox({ databases: databases.map((db) => ({ ...db, systemUrl: db.systemUrl })), log });
  const issuer = createTestIssuer();
  const serviceToken = () => issuer.serviceToken(['outbox']);
  const server = createInternalServer({
    log,
    production: false,
    readiness: () => ({ ready: true, dependencies: {} }),
    contracts: listContracts({ outbox, deadLetters }),
    implementations: plane.module.internal ?? [],
    verifier: createServiceVerifier({ keys: issuer.keys, issuer: testIssuer }),
  });
  const baseUrl = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    plane.endPolls();
    await server.close();
    await plane.stop();
  });
  return {
    databases,
    sequenced: plane.databases,
    log,
    baseUrl,
    serviceToken,
    client: () => createInternalClient({ contracts: 'data', baseUrl, token: serviceToken }),
  };
}

/** As the superuser: what the module left in a database. */
export const readRows = <Row extends object>(database: OutboxTestDatabase, text: string): Promise<Row[]> =>
  asSuperuser(database.superuserUrl, async (client) => (await client.query<Row>(text)).rows);
