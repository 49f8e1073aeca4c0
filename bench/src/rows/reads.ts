import { benchOwner, listOrderIds } from '../environment/erp-data.js';
import { call } from '../environment/http.js';
import { signIn } from '../environment/sign-in.js';
import { type Comparison, type Contender, compareOverHttp } from '../measure/compare.js';
import { startPlainServer } from '../servers/plain.js';
import type { Result, Row, RowContext } from './row.js';
import { dataPlane } from './services.js';

const connections = 64;
const host = 'acme.localhost';

export function microsOf({ nodeMicros, postgresMicros, refusals }: Comparison): string {
  const cost = `${nodeMicros.median.toFixed(0)} + ${postgresMicros.median.toFixed(0)} µs Node + PG`;
  return Object.keys(refusals).length === 0 ? cost : `${cost}; refused: ${JSON.stringify(refusals)}`;
}

async function prepare(context: RowContext) {
  const platform = await context.platform();
  const service = await dataPlane(platform);
  const { accessToken } = await signIn(platform.urls.control, host, 'sales@acme.test');
  const plain = await startPlainServer({
    plainUrl: platform.superuserUrl('erp-1'),
    securedUrl: platform.databaseUrl('platen_app', 'erp-1'),
    owner: benchOwner,
  });
  const headers = {
    host,
    authorization: `Bearer ${accessToken}`,
    'x-correlation-id': 'bench-0123456789',
  };
  return { platform, service, plain, headers };
}

async function bodyOf(contender: Contender, path: string): Promise<string> {
  const reply = await call(contender.url + path, { headers: contender.headers });
  if (reply.status !== 200) throw new Error(`${contender.name} ${path}: ${reply.status} ${reply.body.slice(0, 300)}`);
  return reply.body;
}

/** All contenders answer every path alike: the same bytes, or the same items. */
async function checkAnswers(contenders: readonly Contender[], comparable: (body: string) => string): Promise<void> {
  const [first, ...others] = contenders as [Contender, ...Contender[]];
  for (let index = 0; index < Math.min(first.requests.length, 20); index += 1) {
    const expected = comparable(await bodyOf(first, first.requests[index]?.path ?? '/'));
    for (const other of others) {
      const answer = comparable(await bodyOf(other, other.requests[index]?.path ?? '/'));
      if (answer !== expected) {
        throw new Error(
          `${other.name} answers otherwise than ${first.name}:\n${answer.slice(0, 400)}\n${expected.slice(0, 400)}`,
        );
      }
    }
  }
}

const compareWith = async (context: RowContext, contenders: readonly Contender[], amount: number) =>
  compareOverHttp(contenders, {
    load: context.load,
    postgresPid: (await context.platform()).postgresPid,
    rounds: context.effort.rounds,
    amount: Math.round(amount * context.effort.scale),
    connections,
  });

export const readOneOrder: Row = {
  name: 'read',
  title: 'One order over HTTP: authenticated, authorized, routed, row-level secured',
  needsCpu: true,
  async run(context) {
    const { platform, service, plain, headers } = await prepare(context);
    try {
      const ids = await listOrderIds(platform.superuserUrl('erp-1'), 200);
      if (ids.length === 0) throw new Error('there are no orders to read');
      const paths = (prefix: string) => ids.map((id) => ({ method: 'GET' as const, path: `${prefix}/${id}` }));
      const bare = { url: plain.url, pid: plain.pid, headers: {} };
      const contenders: Contender[] = [
        { ...bare, name: 'bare Fastify + pg', requests: paths('/orders') },
        { name: 'data plane', url: platform.urls.data, pid: service.pid, headers, requests: paths('/api/erp/orders') },
        { ...bare, name: 'bare Fastify + Drizzle transaction', requests: paths('/orm/orders') },
      ];
      await checkAnswers(contenders, (body) => body);
      const [baseline, product, orm] = (await compareWith(context, contenders, 12_000)) as [
        Comparison,
        Comparison,
        Comparison,
      ];
      return [
        {
          label: 'data plane',
          unit: 'R',
          value: product.relative,
          must: 1.4,
          goal: 1.0,
          detail: `${microsOf(product)}; baseline ${microsOf(baseline)}; p50 ${product.p50Ms.median} ms`,
        },
        { label: 'the same as an ORM transaction, no sign-in', unit: 'R', value: orm.relative, detail: microsOf(orm) },
      ] satisfies Result[];
    } finally {
      await plain.stop();
    }
  },
};

export const listOrders: Row = {
  name: 'list',
  title: 'List of 50 orders over HTTP',
  needsCpu: true,
  async run(context) {
    const { platform, service, plain, headers } = await prepare(context);
    try {
      const bare = { url: plain.url, pid: plain.pid, headers: {} };
      const list = (path: string) => [{ method: 'GET' as const, path }];
      const contenders: Contender[] = [
        { ...bare, name: 'bare Fastify + pg rows', requests: list('/orders') },
        {
          name: 'data plane',
          url: platform.urls.data,
          pid: service.pid,
          headers,
          requests: list('/api/erp/orders?limit=50'),
        },
        { ...bare, name: 'bare Fastify + JSON by Postgres', requests: list('/json/orders') },
      ];
      await checkAnswers(contenders, (body) => JSON.stringify((JSON.parse(body) as { items: unknown }).items));
      const [baseline, product, json] = (await compareWith(context, contenders, 4_000)) as [
        Comparison,
        Comparison,
        Comparison,
      ];
      return [
        {
          label: 'data plane',
          unit: 'R',
          value: product.relative,
          must: 1.1,
          goal: 0.8,
          detail: `${microsOf(product)}; baseline ${microsOf(baseline)}; p50 ${product.p50Ms.median} ms`,
        },
        { label: 'bare, JSON built by Postgres', unit: 'R', value: json.relative, detail: microsOf(json) },
      ] satisfies Result[];
    } finally {
      await plain.stop();
    }
  },
};
