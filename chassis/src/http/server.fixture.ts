import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { createAccessVerifier } from '../auth/principals.js';
import { rateLimit } from '../cache/token-buckets.js';
import { recordLog } from '../testkit/http.js';
import { createTestIssuer, testIssuer } from '../testkit/tokens.js';
import { createServer, type ServerOptions } from './server.js';

export const issuer = createTestIssuer();
export const tenant = { id: 'tenant-a', slug: 'acme', status: 'active' };

type Parts = Pick<ServerOptions<typeof tenant>, 'contracts' | 'implementations'>;

/** A listener with these endpoints for one tenant, without a database. */
export async function listenWith(t: Test, parts: Parts, requestTimeoutMs?: number) {
  const { log, lines } = recordLog();
  const app = createServer({
    log,
    production: false,
    readiness: () => ({ ready: true, dependencies: {} }),
    ...parts,
    resolveTenant: (host) => (host === 'acme.localhost' ? tenant : undefined),
    verifier: createAccessVerifier({ keys: issuer.keys, issuer: testIssuer }),
    refusalOf: () => null,
    isModuleAvailable: () => true,
    limitOf: () => rateLimit('write', 100),
    openDb: () => {
      throw new Error('no database in this test');
    },
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  });
  const closingBegan = new Promise<void>((resolve) => {
    app.addHook('preClose', (done) => {
      resolve();
      done();
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.teardown(() => app.close());
  // A TCP server's address is an object.
  const { port } = app.server.address() as AddressInfo;
  return { app, port, lines, closingBegan };
}
