/** The data plane over one telemetry database, as it is shipped but for the feed, whose part is played here. */
import type { AddressInfo } from 'node:net';
import { createMetrics } from '@platen/chassis/http/metrics';
import { createLogger } from '@platen/chassis/log/logger';
import { openTestPlane } from '@platen/data-plane/testkit/test-plane';

interface Given {
  readonly database: { readonly appUrl: string; readonly systemUrl: string };
}

const { database } = JSON.parse(process.argv[2] ?? '{}') as Given;
const ends: (() => void | Promise<void>)[] = [];
const plane = openTestPlane(
  { teardown: (work) => void ends.unshift(work) },
  { telemetry_1: { ...database, kind: 'telemetry' } },
  { production: true, log: createLogger({ service: 'data-plane', level: 'info' }), metrics: createMetrics() },
);
const tenant = plane.addTenant('acme', 'erp_1', { telemetry_db_key: 'telemetry_1' });
await plane.app.tenant.listen({ port: 0, host: '127.0.0.1' });
// A TCP server's address is an object.
const { port } = plane.app.tenant.server.address() as AddressInfo;
const [organizationId] = tenant.organizationIds;
process.send?.({ url: `http://127.0.0.1:${port}`, token: plane.token(tenant), tenantId: tenant.id, organizationId });
process.once('disconnect', () => void Promise.all(ends.map((end) => end())).finally(() => process.exit()));
