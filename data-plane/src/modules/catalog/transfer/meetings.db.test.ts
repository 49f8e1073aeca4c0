import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ScopedDb } from '@platen/chassis/db/types';
import { testDatabase } from '@platen/chassis/testkit/database';
import t from 'tap';
import type { AppDeps } from '../../../app.js';
import { openTestPlane, type TestPlane } from '../../../testkit/test-plane.js';

/** What an import meets on its way: broken connections, readers that do not read, other imports, other tenants. */
const databases = { 'erp-1': await testDatabase(t, 'erp') };
const plane = openTestPlane(t, databases);
const acme = plane.addTenant('acme', 'erp-1');
const globex = plane.addTenant('globex', 'erp-1');
await plane.app.tenant.listen({ host: '127.0.0.1', port: 0 });
// Of a listener at an address and a port, it is an AddressInfo.
const { port } = plane.app.tenant.server.address() as AddressInfo;

const fileOf = (style: string, rows: number): string =>
  `style,sku,price\n${Array.from({ length: rows }, (_, i) => `${style}${i % 20},${style}-${i},2.50\n`).join('')}`;
const url = '/api/erp/catalog/import';
const headers = {
  host: 'acme.localhost',
  'x-correlation-id': 'test-import-meetings',
  authorization: `Bearer ${plane.token(acme)}`,
  'content-type': 'text/csv',
};

async function send(at: TestPlane, csv: string | Readable, tenant = acme) {
  const answer = await at.call(tenant, at.token(tenant), {
    method: 'POST',
    url,
    headers: { 'content-type': 'text/csv' },
    payload: csv,
  });
  const last = answer.status === 200 ? JSON.parse(answer.text.trimEnd().split('\n').at(-1) ?? '') : undefined;
  return { ...answer, last };
}

interface Meeting {
  /** A step is planned, its write has not begun. */
  readonly before?: () => Promise<void>;
  /** A step of this tenant is written and not committed. */
  readonly after?: (tenantId: string) => Promise<void>;
}

function signal(): [Promise<void>, () => void] {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}

/** A second instance of the plane, whose writes can be met. */
function openSecond({ before, after }: Meeting): TestPlane {
  const openDb: AppDeps['openDb'] = (...args) => {
    const db = plane.router.open(...args);
    const transaction: ScopedDb['transaction'] = async (work) => {
      await before?.();
      return db.transaction(async (tx) => {
        const result = await work(tx);
        await after?.(args[1].tenantId);
        return result;
      });
    };
    return { query: (...given) => db.query(...given), leased: db.leased, transaction };
  };
  return openTestPlane(t, databases, { feed: plane.store, openDb });
}

t.test('an import whose connection is cut keeps whole steps, and the same file completes it', async (t) => {
  const rows = 6_500;
  const csv = fileOf('cut', rows);
  const sending = request({ port, method: 'POST', path: url, headers });
  sending.on('error', () => {});
  // All but its end: the import is still waiting for the rest when it is cut.
  sending.write(csv.slice(0, -1_000));
  const [incoming] = (await once(sending, 'response')) as [IncomingMessage];
  incoming.on('error', () => {});
  let told = '';
  for await (const piece of incoming) {
    told += String(piece);
    // To leave the loop destroys the socket.
    if (told.includes('"progress"')) break;
  }
  t.ok(sending.destroyed);
  // Refused until the first one has noticed.
  let again = await send(plane, csv);
  for (; again.status === 429; again = await send(plane, csv)) await new Promise(setImmediate);
  const { created, unchanged } = again.last.variants;
  t.match(again.last, { type: 'summary', rows, refused: 0, variants: { updated: 0 } });
  t.equal(created + unchanged, rows);
  t.ok(unchanged >= 3_000 && unchanged % 1_000 === 0, `${unchanged} rows were there, steps kept whole`);
  t.match((await send(plane, csv)).last, { variants: { created: 0, unchanged: rows } });
});

t.test('who sends everything before reading a byte is answered, a thousand refusals included', async (t) => {
  const rows = 15_000;
  const csv = Buffer.from(`style,sku,name\n${`x,y!,${'a long name '.repeat(30)}\n`.repeat(rows)}`);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const head = Object.entries({ ...headers, 'content-length': csv.length, connection: 'close' });
  socket.write(`POST ${url} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  // Nobody reads the socket: what is answered meanwhile stays in its buffers and in ours.
  await new Promise<void>((resolve, reject) => socket.write(csv, (error) => (error ? reject(error) : resolve())));
  const answer = await text(socket);
  t.equal(answer.match(/"type":"refused"/g)?.length, 1_000);
  t.match(answer, new RegExp(`"type":"summary".*"refused":${rows}`));
});

t.test('two instances import one file at once: who comes second plans anew, and nothing is there twice', async (t) => {
  const csv = fileOf('twice', 1_500);
  let met = 0;
  const second = openSecond({
    before: async () => {
      met += 1;
      t.match((await send(plane, csv)).last, { variants: { created: 1_500 }, products: { created: 20 } });
    },
  });
  t.match((await send(second, csv)).last, {
    type: 'summary',
    refused: 0,
    variants: { created: 0, updated: 0, unchanged: 1_500 },
    products: { created: 0, unchanged: 20 },
  });
  t.equal(met, 1, 'the step it had planned was not kept, and none was needed then');
});

t.test('an instance that is met at every try gives up, and what it had kept stands', async (t) => {
  let met = 0;
  const second = openSecond({
    before: async () => {
      met += 1;
      t.match((await send(plane, `style,sku,price\nmoving,moving-0,${met}.00\n`)).last, { refused: 0 });
    },
  });
  const csv = 'style,sku,price\nmoving,moving-0,99.00\n';
  t.match((await send(second, csv)).last, { type: 'failed', code: 'conflict' });
  t.equal(met, 5);
  t.match((await send(plane, csv)).last, { variants: { updated: 1 } }, 'nobody is locked out by it');
});

t.test('while an import is in the middle of a write, everybody else is served', async (t) => {
  const csv = fileOf('held', 200);
  const [begins, begun] = signal();
  const [released, goOn] = signal();
  const second = openSecond({
    after: async (tenantId) => {
      begun();
      if (tenantId === acme.id) await released;
    },
  });
  const importing = send(second, csv);
  await begins;
  const get = (tenant: typeof acme, path: string) =>
    second.call(tenant, second.token(tenant), { method: 'GET', url: path });
  t.match((await send(second, csv, globex)).last, { variants: { created: 200 } }, 'another tenant imports the same');
  t.match(
    await send(second, csv),
    { status: 429, body: { code: 'busy' } },
    'the tenant itself may import one at a time',
  );
  const many = await Promise.all(
    Array.from({ length: 40 }, (_, n) => get(n % 2 === 0 ? acme : globex, '/api/erp/variants?sku_prefix=held')),
  );
  t.same([...new Set(many.map(({ status }) => status))], [200]);
  t.equal(many[0]?.body.items.length, 0, 'the tenant sees nothing of a step before it is whole');
  goOn();
  t.match((await importing).last, { variants: { created: 200 } });
});

t.test('a file that breaks off during a write ends when the write has', async (t) => {
  const [begins, begun] = signal();
  const [released, goOn] = signal();
  const [isRead, readOut] = signal();
  const second = openSecond({
    after: async () => {
      begun();
      await released;
    },
  });
  async function* broken() {
    yield Buffer.from(fileOf('broken', 1_100));
    await begins;
    yield Buffer.from([0xff]);
    readOut();
  }
  const importing = send(second, Readable.from(broken()));
  await isRead;
  for (let i = 0; i < 10; i += 1) t.match(await send(second, 'style,sku\n'), { status: 429 });
  goOn();
  t.match((await importing).last, { type: 'failed', code: 'malformed_body' });
  t.match((await send(plane, fileOf('broken', 1_100))).last, { variants: { created: 100, unchanged: 1_000 } });
});
