import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formOf } from '@platen/data-plane/testkit/multipart';
import pg from 'pg';
import { call, plainHeaders } from '../../environment/http.js';
import type { OwnServer } from '../../environment/own-server.js';
import { type BenchPlatform, runSql, type Services, startBenchPlatform } from '../../environment/platform.js';
import { signIn } from '../../environment/sign-in.js';
import type { Promised, Tried } from '../outcome.js';
import type { Fault, FaultContext } from './fault.js';
import { during, isOk, tally, untilCalm } from './paced.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';
import { acknowledgedCodes, openShops } from './two-shops.js';

const fullMs = 10_000;
const recoveryMs = 5_000;
const host = 'acme.localhost';

/** The disk of an ERP database's server, then that of a data plane's own files and of uploads. */
export const diskFull: Fault = async (context) => {
  const [databaseDisk, filesDisk] = [mountSmallDisk(700), mountSmallDisk(48)];
  for (const disk of [databaseDisk, filesDisk]) context.onStop(async () => disk.unmount());
  const platform = await startBenchPlatform({
    profileDir: null,
    autovacuum: true,
    erpServer: true,
    erpServerDir: path.join(databaseDisk.dir, 'erp-1'),
  });
  context.onStop(() => platform.stop());
  await platform.start('control-plane');
  const services = await platform.another((databases) => databases, {
    'data-plane': {
      CONTROL_INTERNAL_URL: platform.urls.controlInternal,
      PLATEN_DATA_DIR: path.join(filesDisk.dir, 'data'),
      STORAGE_LOCAL_DIR: path.join(filesDisk.dir, 'uploads'),
    },
  });
  const plane = await services.start('data-plane');
  const at = { urls: { ...services.urls, control: platform.urls.control } };
  const files = await filesFull(at, filesDisk, context);
  const database = await databaseFull(platform, at, databaseDisk, context);
  const died = isAlive(plane.pid) ? [] : ['the data plane has ended'];
  return {
    promises: [...database.promises, ...files.promises, { promise: 'the data plane lives', broken: died }],
    figures: [...database.figures, ...files.figures],
  };
};

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function databaseFull(
  platform: BenchPlatform,
  at: Pick<Services, 'urls'>,
  disk: SmallDisk,
  { say }: FaultContext,
): Promise<Promised> {
  const server = platform.erpServer;
  if (server === null) throw new Error('erp-1 has no server of its own');
  const shops = await openShops(at, 'full');
  await untilCalm(() => [...shops.troubled.all(), ...shops.other.all()]);
  const hog = startHog(platform.superuserUrl('erp-1'));
  const fromMs = performance.now();
  disk.fill();
  await delay(fullMs);
  await hog.end();
  disk.free();
  const roomMs = performance.now();
  const died = await standsAgain(platform, server);
  const backMs = performance.now();
  say(`${hog.refusals()} large writes refused; the server ${died ? 'had ended, and was started' : 'came by itself'}`);
  await delay(recoveryMs + 2_000);
  await shops.end();
  const meanwhile = during(shops.troubled.all(), fromMs, backMs);
  const odd = meanwhile.filter((one) => !isOk(one) && (one.status !== 503 || one.retryAfter === undefined));
  const late = shops.troubled.all().filter((one) => one.sentAtMs > backMs + recoveryMs && !isOk(one));
  const firstMs = Math.min(
    ...shops.troubled
      .all()
      .filter((one) => isOk(one) && one.sentAtMs > backMs)
      .map((one) => one.doneAtMs),
  );
  const others = during(shops.other.all(), fromMs, backMs);
  const othersRefused = others.filter((one) => !isOk(one));
  const rows = (await runSql(
    platform.superuserUrl('erp-1'),
    `select code, count(*)::int as n from erp_customers where code like 'full-%' group by code`,
  )) as { code: string; n: number }[];
  const stored = new Set(rows.map(({ code }) => code));
  const lost = acknowledgedCodes(shops.troubled).filter((code) => !stored.has(code));
  const promises: Tried[] = [
    {
      promise: 'while the disk of its database is full a tenant gets answers or 503 with Retry-After',
      broken: odd.length > 0 ? [tally(odd)] : [],
    },
    {
      promise: 'tenants of other databases notice nothing',
      broken: othersRefused.length > 0 ? [tally(othersRefused)] : [],
    },
    { promise: 'what was acknowledged is stored', broken: lost.map((code) => `${code} is not`) },
    {
      promise: `served again within ${recoveryMs / 1_000} s of its return`,
      broken: late.length > 0 ? [tally(late)] : [],
    },
    { promise: 'no index and no table is damaged', broken: await damageOf(platform.superuserUrl('erp-1')) },
  ];
  const refused = meanwhile.filter(({ status }) => status === 503).length;
  return {
    promises,
    figures: [
      `database's disk full for ${((roomMs - fromMs) / 1_000).toFixed(1)} s: ${refused} of ${meanwhile.length} requests 503, ${others.length} of others served; its server ${died ? 'died and was started again' : 'stood'}, first answer ${(firstMs - backMs).toFixed(0)} ms after its return`,
      `${acknowledgedCodes(shops.troubled).length} writes acknowledged, ${stored.size} stored`,
    ],
  };
}

/** Writes so much that the log of the server wants room too. */
function startHog(url: string) {
  let [isOver, refused] = [false, 0];
  const work = (async () => {
    for (;;) {
      if (isOver) return;
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('create table if not exists soak_hog (piece text)');
        while (!isOver)
          await client.query(`insert into soak_hog select md5(n::text || random()) from generate_series(1, 30000) n`);
      } catch {
        refused += 1;
        await delay(200);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  })();
  return {
    refusals: () => refused,
    async end() {
      isOver = true;
      await work;
    },
  };
}

/** A server whose log had no room ends; who looks after it starts it. Answers whether that was so. */
async function standsAgain({ superuserUrl }: BenchPlatform, server: OwnServer): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      await runSql(superuserUrl('erp-1'), 'drop table if exists soak_hog');
      return false;
    } catch {
      await delay(250);
    }
  }
  await server.kill();
  await server.restart();
  await runSql(superuserUrl('erp-1'), 'drop table if exists soak_hog');
  return true;
}

async function damageOf(url: string): Promise<string[]> {
  try {
    await runSql(url, 'create extension if not exists amcheck');
    await runSql(
      url,
      `select bt_index_check(i.indexrelid, true) from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
       where a.amname = 'btree' and c.relkind = 'i' and c.relpersistence = 'p' and i.indisvalid`,
    );
    const rows = await runSql(
      url,
      `select format('%s block %s: %s', c.oid::regclass, v.blkno, v.msg) as line from pg_class c, verify_heapam(c.oid) v
       where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`,
    );
    return (rows as { line: string }[]).map(({ line }) => line);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function filesFull(at: Pick<Services, 'urls'>, disk: SmallDisk, { say }: FaultContext): Promise<Promised> {
  const { accessToken } = await signIn(at.urls.control, host, 'admin@acme.test');
  const authorization = `Bearer ${accessToken}`;
  const bytes = randomBytes(1_500_000).toString('base64');
  const upload = async (name: string) => {
    const { headers, payload } = formOf({ name, content: `%PDF-1.7\n${bytes}` });
    return call(`${at.urls.data}/api/erp/files`, {
      method: 'POST',
      headers: { ...plainHeaders(host), ...headers, authorization },
      body: payload.toString('latin1'),
    });
  };
  const read = (path: string, token = authorization) =>
    call(`${at.urls.data}${path}`, { headers: { ...plainHeaders(host), authorization: token } });
  const broken: Record<'refused' | 'others' | 'revoked' | 'back', string[]> = {
    refused: [],
    others: [],
    revoked: [],
    back: [],
  };
  const before = await upload('before.pdf');
  if (before.status !== 201) throw new Error(`an upload was answered with ${before.status}: ${before.body}`);
  const leaving = await signIn(at.urls.control, host, 'sales@acme.test');
  disk.fill();
  for (let nth = 0; nth < 5; nth += 1) {
    const full = await upload(`full-${nth}.pdf`);
    if (full.status !== 503 || full.headers['retry-after'] === undefined)
      broken.refused.push(`${full.status}: ${full.body.slice(0, 200)}`);
    const orders = await read('/api/erp/orders?limit=5');
    if (orders.status !== 200) broken.others.push(`orders: ${orders.status}`);
  }
  const old = JSON.parse(before.body) as { id: string };
  const content = await read(`/api/erp/files/${old.id}/content`);
  if (content.status !== 200) broken.others.push(`a file that is there: ${content.status}`);
  const token = `Bearer ${leaving.accessToken}`;
  const signedOut = await call(`${at.urls.control}/api/auth/logout`, {
    method: 'POST',
    headers: { ...plainHeaders(host), authorization: token },
  });
  let revokedMs: number | null = null;
  for (const sinceMs = performance.now(); revokedMs === null && performance.now() - sinceMs < 5_000; await delay(50))
    if ((await read('/api/erp/orders?limit=1', token)).status === 401) revokedMs = performance.now() - sinceMs;
  if (revokedMs === null) broken.revoked.push(`a session that was ended (${signedOut.status}) goes on`);
  disk.free();
  const roomMs = performance.now();
  const after = await upload('after.pdf');
  if (after.status !== 201) broken.back.push(`${after.status}: ${after.body.slice(0, 200)}`);
  else {
    const { id } = JSON.parse(after.body) as { id: string };
    const got = await read(`/api/erp/files/${id}/content`);
    if (got.status !== 200 || !got.body.includes(bytes)) broken.back.push('what was uploaded is not what comes back');
  }
  const backMs = performance.now() - roomMs;
  say(`files: refused ${5 - broken.refused.length} of 5, served again after ${backMs.toFixed(0)} ms`);
  return {
    promises: [
      { promise: 'while the disk of files is full an upload is 503 with Retry-After', broken: broken.refused },
      { promise: 'what needs no room there goes on', broken: broken.others },
      { promise: 'a revocation holds, though it cannot be written down', broken: broken.revoked },
      { promise: 'uploads go again when there is room', broken: broken.back },
    ],
    figures: [
      `disk of files and of the copy of the feed full: 5 uploads 503; a revocation held after ${revokedMs?.toFixed(0) ?? '-'} ms; an upload ${backMs.toFixed(0)} ms after there was room`,
    ],
  };
}
