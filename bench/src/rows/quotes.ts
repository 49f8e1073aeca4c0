import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { benchOwner } from '../environment/erp-data.js';
import { call, jsonHeaders, plainHeaders, type Reply } from '../environment/http.js';
import { type BenchPlatform, runSql } from '../environment/platform.js';
import { signIn } from '../environment/sign-in.js';
import { startCountingProxy } from '../measure/round-trips.js';
import { percentile, spreadOf } from '../measure/statistics.js';
import { type Row, single } from './row.js';
import { controlPlane, filledErp, worker } from './services.js';

const host = 'acme.localhost';

/** From the seeded catalogue, which the seeded rule set prices. */
async function quoteBody(platform: BenchPlatform, lines: number): Promise<string> {
  const url = platform.superuserUrl('erp-1');
  const owner = [benchOwner.tenantId, benchOwner.organizationId];
  const [customer] = await runSql(
    url,
    `select id from erp_customers where tenant_id = $1 and organization_id = $2 and email is not null order by id limit 1`,
    owner,
  );
  const products = await runSql(
    url,
    `select p.id as product_id, json_agg(json_build_object('variant_id', v.id, 'quantity', 12)) as sizes
      from erp_products p join lateral (
        select id from erp_product_variants v
        where v.tenant_id = p.tenant_id and v.organization_id = p.organization_id and v.product_id = p.id and v.status = 'active'
        order by id limit 6) v on true
      where p.tenant_id = $1 and p.organization_id = $2 and p.status = 'active' and p.code not like 'bench-%'
      group by p.id order by p.id limit $3`,
    [...owner, lines],
  );
  if (products.length < lines) throw new Error(`the seeds have ${products.length} products, ${lines} are wanted`);
  return JSON.stringify({ customer_id: (customer as { id: string }).id, lines: products });
}

const send = async (url: string, token: string, body?: string): Promise<Reply> => {
  const reply = await call(url, {
    method: 'POST',
    headers: {
      ...(body === undefined ? plainHeaders(host) : jsonHeaders(host)),
      authorization: `Bearer ${token}`,
      'idempotency-key': randomUUID(),
    },
    ...(body !== undefined && { body }),
  });
  if (reply.status >= 300) throw new Error(`${url} was answered with ${reply.status}: ${reply.body.slice(0, 300)}`);
  return reply;
};

export const createQuote: Row = {
  name: 'quote',
  title: 'Creating a priced quote of 20 lines, with its Idempotency-Key',
  async run(context) {
    const platform = await context.platform();
    await filledErp(platform);
    await controlPlane(platform);
    const body = await quoteBody(platform, 20);
    const proxy = await startCountingProxy(platform.superuserUrl('erp-1'));
    const services = await platform.another((databases) => ({
      ...databases,
      erp: Object.fromEntries(
        Object.entries(databases.erp).map(([key, urls]) => [key, { ...urls, appUrl: proxy.through(urls.appUrl) }]),
      ),
    }));
    const control = await services.start('control-plane');
    const service = await services.start('data-plane');
    try {
      const { accessToken } = await signIn(services.urls.control, host, 'sales@acme.test');
      const counts: number[] = [];
      const times: number[] = [];
      for (let n = -5; n < 20; n += 1) {
        proxy.take();
        const startedAt = performance.now();
        await send(`${services.urls.data}/api/erp/quotes`, accessToken, body);
        if (n < 0) continue;
        times.push(performance.now() - startedAt);
        counts.push(proxy.take());
      }
      return [
        {
          label: 'data plane',
          unit: 'round trips',
          value: spreadOf(counts),
          must: 4,
          goal: 3,
          detail: `counted on the wire to Postgres; p50 ${percentile(times, 50).toFixed(1)} ms`,
        },
      ];
    } finally {
      await service.stop();
      await control.stop();
      await proxy.stop();
    }
  },
};

export const eventEffect: Row = {
  name: 'event',
  title: 'A quote sent until its mail is written, over the pull transport',
  async run(context) {
    const platform = await context.platform();
    await worker(platform);
    const { accessToken } = await signIn(platform.urls.control, host, 'sales@acme.test');
    const body = await quoteBody(platform, 1);
    const mailDir = path.join(platform.dataDir, 'mail');
    const waits: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const created = await send(`${platform.urls.data}/api/erp/quotes`, accessToken, body);
      const { id } = JSON.parse(created.body) as { id: string };
      const before = await countMails(mailDir);
      await send(`${platform.urls.data}/api/erp/quotes/${id}/send`, accessToken);
      const committedAt = performance.now();
      while ((await countMails(mailDir)) === before) {
        if (performance.now() - committedAt > 15_000) throw new Error('no mail after 15 s');
        await delay(2);
      }
      waits.push(performance.now() - committedAt);
    }
    return [
      {
        label: 'p50',
        unit: 'ms',
        value: single(percentile(waits, 50)),
        detail: 'one at a time, from the answer to the sender',
      },
      { label: 'p99', unit: 'ms', value: single(percentile(waits, 99)) },
    ];
  },
};

const countMails = async (folder: string): Promise<number> =>
  existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.eml')).length : 0;
