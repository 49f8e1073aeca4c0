import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAccessVerifier, createServiceVerifier } from '@platen/chassis/auth/principals';
import type { SigningKey } from '@platen/chassis/auth/signer';
import { createTextCipher, deriveKey } from '@platen/chassis/auth/text-cipher';
import { createCursors } from '@platen/chassis/http/cursor';
import { createLogger } from '@platen/chassis/log/logger';
import type { TestDatabase } from '@platen/chassis/testkit/database';
import { patient } from '@platen/chassis/testkit/patient';
import {
  type AccessTokenParts,
  createTestIssuer,
  makeSigningKey,
  type TestIssuer,
  testIssuer,
} from '@platen/chassis/testkit/tokens';
import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { type ModuleCode, modules } from '@platen/schema/modules';
import { permissionCodes } from '@platen/schema/permissions';
import type { InjectOptions } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { type App, type AppDeps, buildApp } from '../app.js';
import { FeedStore } from '../feed/store.js';
import type { Tenant } from '../feed/tenant.js';
import { startDataOutbox } from '../modules/outbox/index.js';
import { createLinter } from '../modules/pricing/index.js';
import { createPrinter } from '../modules/printing/index.js';
import { createQuoteLinks } from '../modules/quotes/index.js';
import type { DatabaseKind } from '../routing/catalogue.js';
import { createRouter, type Router } from '../routing/router.js';
import { openLocalStorage } from '../storage/local-storage.js';
import { openLater } from '../storage/open-storage.js';

interface Teardown {
  teardown(work: () => void | Promise<void>): void;
}

/** A tenant with one organization and two workspaces, unless told otherwise. */
export interface TestTenant {
  readonly id: string;
  readonly slug: string;
  readonly organizationIds: readonly [string, string];
  readonly workspaceIds: readonly [string, string];
}

export interface TestPlane {
  readonly app: App;
  readonly store: FeedStore;
  readonly router: Router;
  readonly issuer: TestIssuer;
  addTenant(slug: string, databaseKey: string, parts?: Partial<FeedEntity & { kind: 'tenant' }>): TestTenant;
  /** A change of the feed, as the follower would apply it. */
  apply(entity: FeedEntity): void;
  /** A token for the tenant's first organization, with every permission, unless told otherwise. */
  token(tenant: TestTenant, parts?: AccessTokenParts): string;
  call(tenant: Pick<TestTenant, 'slug'>, token: string, options: InjectOptions): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  /** Parsed; undefined without a body. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly text: string;
}

let signingKey: SigningKey | undefined;

/** The same for all planes of a process, as for the instances of a deployment: making one takes a fifth of a second. */
function planeKey(): SigningKey {
  signingKey ??= makeSigningKey();
  return signingKey;
}

/** The plane in this process, over real databases, with the feed's part played by the test. */
export function openTestPlane(
  t: Teardown,
  databases: Readonly<Record<string, Pick<TestDatabase, 'appUrl' | 'systemUrl'> & { readonly kind?: DatabaseKind }>>,
  overrides: Partial<AppDeps> = {},
  deadlines = patient,
): TestPlane {
  const issuer = createTestIssuer(planeKey());
  const store = new FeedStore({ baseDomain: 'localhost', now: Date.now });
  store.adopt(store.successor(0n, Date.now(), [{ kind: 'signing_keys', keys: [issuer.jwk] }]));
  const log = createLogger({ service: 'data-plane', level: 'silent' });
  const catalogue = new Map(
    Object.entries(databases).map(([key, { appUrl, systemUrl, kind = 'erp' }]) => [
      key,
      { url: appUrl, system_url: systemUrl, kind, pool_size: 5 },
    ]),
  );
  const router = createRouter({ catalogue, log, deadlines });
  const verification = { keys: { current: () => store.signingKeys() }, issuer: testIssuer };
  // Its endpoints without a database: pull and acknowledge have tests of their own.
  const outbox = startDataOutbox({ databases: [], log });
  outbox.endPolls();
  const printer = createPrinter();
  const linter = createLinter();
  const app = buildApp({
    production: false,
    log,
    feed: store,
    accessVerifier: createAccessVerifier(verification),
    serviceVerifier: createServiceVerifier(verification),
    cursors: createCursors('a cursor secret for tests'),
    quoteLinks: testQuoteLinks(),
    printer,
    linter,
    files: testFiles(t),
    deconetwork: testDeconetwork(),
    openDb: router.open,
    openTelemetryDb: router.openTelemetry,
    catalogue,
    isFeatureEnabled: () => true,
    readiness: () => ({ ready: true, dependencies: router.dependencies() }),
    modules: [outbox.module],
    ...overrides,
  });
  t.teardown(async () => {
    await Promise.all([app.tenant.close(), app.internal.close()]);
    await Promise.all([router.close(), printer.close(), linter.close()]);
  });
  const apply = (entity: FeedEntity) => store.apply(store.position + 1n, entity);
  return {
    app,
    store,
    router,
    issuer,
    apply,
    addTenant: (slug, databaseKey, parts) => addTenant(apply, slug, databaseKey, parts),
    token: (tenant, parts) =>
      issuer.accessToken({
        tid: tenant.id,
        tsl: tenant.slug,
        org: tenant.organizationIds[0],
        permissions: permissionCodes,
        ...parts,
      }),
    call: (tenant, token, options) => call(app, tenant.slug, token, options),
  };
}

/** In a folder of the test's own, made with the first file. */
export function testFiles(t: Teardown): AppDeps['files'] {
  const storage = openLater('local', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'platen-test-files-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    return openLocalStorage(folder);
  });
  return { storage, maxFileBytes: 100 * 1024 * 1024 };
}

/** Sites may be on this machine at the ports that are named. */
export const testDeconetwork = (...allowedHosts: readonly string[]): AppDeps['deconetwork'] => ({
  cipher: createTextCipher(deriveKey(randomBytes(32).toString('base64'), 'dn-credentials', 'a test')),
  allowedHosts: new Set(allowedHosts),
});

export const testQuoteLinks = () =>
  createQuoteLinks({
    secret: 'a quote link secret for tests',
    baseDomain: 'localhost',
    devPort: 4001,
    production: false,
  });

const everyModule = (Object.keys(modules) as ModuleCode[]).map((code) => ({ code, valid_until: null }));

function addTenant(
  apply: (entity: FeedEntity) => void,
  slug: string,
  databaseKey: string,
  parts: Partial<FeedEntity & { kind: 'tenant' }> = {},
): TestTenant {
  const tenant: TestTenant = {
    id: uuidv7(),
    slug,
    organizationIds: [uuidv7(), uuidv7()],
    workspaceIds: [uuidv7(), uuidv7()],
  };
  apply({
    kind: 'tenant',
    id: tenant.id,
    slug,
    name: slug,
    status: 'active',
    domains: [],
    erp_db_key: databaseKey,
    telemetry_db_key: null,
    authz_epoch: 0,
    modules: everyModule,
    limits: {},
    ...parts,
  });
  for (const [index, id] of tenant.organizationIds.entries()) {
    apply({
      kind: 'organization',
      tenant_id: tenant.id,
      id,
      code: `${slug}-${index + 1}`,
      name: `${slug} ${index + 1}`,
      status: 'active',
      settings: {
        workspace_required: false,
        currency: 'EUR',
        time_zone: 'Europe/Berlin',
        locale: 'en',
        tax_rounding: 'line',
        quote_prefix: 'Q',
        order_prefix: 'O',
        quote_valid_days: 30,
      },
      workspaces: index === 0 ? tenant.workspaceIds.map((wid, n) => ({ id: wid, code: `w${n}`, name: `W${n}` })) : [],
    });
  }
  return tenant;
}

async function call(app: App, slug: string, token: string, options: InjectOptions): Promise<Answer> {
  const response = await app.tenant.inject({
    ...options,
    headers: {
      host: `${slug}.localhost`,
      'x-correlation-id': `test-${uuidv7()}`,
      authorization: `Bearer ${token}`,
      ...options.headers,
    },
  });
  const { statusCode: status, headers, body: text } = response;
  return {
    status,
    headers,
    text,
    body: /[/+]json/.test(String(headers['content-type'])) ? JSON.parse(text) : undefined,
  };
}

/** For tests that look at a tenant as the router gets it. */
export const tenantOf = (store: FeedStore, id: string): Tenant => {
  const tenant = store.tenantById(id);
  if (!tenant) throw new Error(`No tenant ${id}`);
  return tenant;
};
