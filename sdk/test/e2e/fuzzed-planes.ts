import { setTimeout as delay } from 'node:timers/promises';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { listContracts } from '@platen/schema/contract';
import { dataContracts } from '@platen/schema/contracts/data/index';
import { demoPassword, platformAdmins } from '@platen/schema/seeds/identities';
import { createCaller } from './http.js';
import { startPlatform, type TestContext } from './platform.js';
import { bearer, readCookies } from './sign-in.js';

/** One OpenAPI document, and what a fuzzer needs to get past its first lines. */
export interface FuzzTarget {
  readonly name: 'control' | 'platform' | 'data';
  readonly url: string;
  readonly document: string;
  readonly signIn: {
    readonly url: string;
    readonly email: string;
    readonly password: string;
    readonly cookie: string;
  };
  /** Field name → ids that exist: `customer_id`. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
  /** Operations that are not called. */
  readonly exclude: readonly string[];
}

/** A fuzzer waits for the end of every answer. */
const endless = listContracts(dataContracts).flatMap(({ name, events }) => (events === undefined ? [] : [name]));

/** Both planes on fresh, seeded databases, for `npm run fuzz`. Whoever calls it stops them. */
export async function startFuzzedPlanes(): Promise<{ targets: FuzzTarget[]; stop(): Promise<void> }> {
  const closers: (() => void | Promise<void>)[] = [];
  const context: TestContext = {
    teardown: (work) => void closers.unshift(work),
    comment: (text) => console.log(text),
    passing: () => true,
    setTimeout: () => undefined,
  };
  const { ports, databases } = await startPlatform(context, {
    services: ['control-plane', 'data-plane'],
    env: { 'control-plane': { AUTH_REQUESTS_PER_MINUTE: '1000000' } },
    prepare: ({ control }) => liftLimits(control.superuserUrl),
  });
  closers.unshift(forgetFailures(databases.control.superuserUrl));
  const tenantUrl = `http://acme.localhost:${ports.control}`;
  const platformUrl = `http://platform.localhost:${ports.control}`;
  const dataUrl = `http://acme.localhost:${ports.data}`;
  const atTenant = {
    url: `${tenantUrl}/api/auth/login`,
    email: 'admin@acme.test',
    password: demoPassword,
    cookie: 'platen_at',
  };
  const atPlatform = {
    url: `${platformUrl}/platform/auth/login`,
    email: platformAdmins.owner.email,
    password: demoPassword,
    cookie: 'platen_pat',
  };
  const targets = [
    { name: 'data', url: dataUrl, document: '/openapi/data.json', signIn: atTenant, exclude: endless },
    { name: 'control', url: tenantUrl, document: '/openapi/control.json', signIn: atTenant, exclude: [] },
    { name: 'platform', url: platformUrl, document: '/openapi/control.json', signIn: atPlatform, exclude: [] },
  ] as const;
  const found: FuzzTarget[] = [];
  for (const target of targets) found.push({ ...target, ids: await readIds(target) });
  return {
    targets: found,
    async stop() {
      for (const close of closers) await close();
    },
  };
}

/** A fuzzer guesses passwords by the hundred; its own sign-ins must go on. */
function forgetFailures(url: string): () => Promise<void> {
  const stop = new AbortController();
  const done = asSuperuser(url, async (client) => {
    while (!stop.signal.aborted) {
      await client.query('delete from auth_throttles');
      await delay(200, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  });
  return () => {
    stop.abort();
    return done;
  };
}

/** A fuzzer asks more than any plan allows. */
const liftLimits = (url: string): Promise<void> =>
  asSuperuser(url, async (client) => {
    await client.query(`update platform_plan_limits set value = null where limit_code = 'requests_per_minute'`);
  });

/** The ids of everything that can be listed without naming something else. */
async function readIds(target: Omit<FuzzTarget, 'ids'>): Promise<Record<string, string[]>> {
  const { host, port } = new URL(target.url);
  const { send, close } = createCaller(Number(port));
  try {
    const { pathname: path } = new URL(target.signIn.url);
    const { email, password, cookie } = target.signIn;
    const signedIn = await send({ method: 'POST', host, path, body: { email, password } });
    const headers = bearer(readCookies(signedIn.headers['set-cookie'])[cookie] ?? '');
    const { json } = await send({ host, path: target.document });
    const { paths } = json as { paths: Record<string, { get?: object }> };
    const found: Record<string, string[]> = {};
    for (const [list, { get }] of Object.entries(paths)) {
      if (get === undefined || list.includes('{')) continue;
      const { items = [] } = ((await send({ host, path: list, headers })).json ?? {}) as { items?: { id?: string }[] };
      const ids = items.flatMap(({ id }) => id ?? []);
      if (ids.length > 0) found[fieldOf(list)] = ids;
    }
    return found;
  } finally {
    close();
  }
}

/** `/api/erp/categories` → `category_id`, as contracts name references. */
const fieldOf = (path: string): string =>
  `${path
    .slice(path.lastIndexOf('/') + 1)
    .replaceAll('-', '_')
    .replace(/ies$/, 'y')
    .replace(/s$/, '')}_id`;
