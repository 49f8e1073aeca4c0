import { Agent } from 'node:http';
import { call, plainHeaders } from '../environment/http.js';
import { brands, colours, fillCatalogue, garments, variantsPerTenant } from '../environment/search-data.js';
import { signIn } from '../environment/sign-in.js';
import { percentile } from '../measure/statistics.js';
import { type Result, type Row, single } from './row.js';
import { dataPlane } from './services.js';

const host = 'acme.localhost';
const limitMs = 10;

/** The n-th of what people type. */
const queries: Readonly<Record<string, (n: number) => string>> = {
  'SKU prefix': (n) => `sku_prefix=${['g', 'b1', 'h20', 'o35', 's2500-', 'p3100-blk', 'r3999-ryl-2xl'][n % 7]}`,
  'code of a product': (n) =>
    `q=${encodeURIComponent(`${'gbhnsopr'[n % 8]}${1000 + (n % 8) * 500 + ((n * 37) % 500)}`)}`,
  'brand, garment, colour, half a size': (n) =>
    `q=${encodeURIComponent(`${brands[n % 8]} ${garments[n % 7]} ${colours[n % 5]} x`)}`,
  'colour and garment': (n) => `q=${encodeURIComponent(`${colours[n % 5]} ${garments[n % 7]}`)}`,
  'a letter or two': (n) => `q=${['s', 'g', 'ho', 'bl', 't', 'x', '0', '04'][n % 8]}`,
  'half a GTIN': (n) => `q=0400000${String(n * 613).padStart(5, '0')}`,
  'nothing there': (n) => `q=${encodeURIComponent(`unheard ${n}`)}`,
  // Twelve thousand side by side, far from where the first page begins.
  'a brand alone': (n) => `q=${brands[n % 8]}`,
  'brand and colour': (n) => `q=${encodeURIComponent(`${brands[n % 8]} ${colours[n % 5]}`)}`,
  // Each of them common, together nowhere.
  'two brands': (n) => `q=${brands[n % 8]}+${brands[(n + 3) % 8]}`,
  // A beginning that a hundred thousand words have.
  'brand and a digit': (n) => `q=${brands[n % 8]}+0`,
};

export const search: Row = {
  name: 'search',
  title: `Variants found over HTTP among ${variantsPerTenant.toLocaleString('en')}, with two more tenants' as many in the same tables`,
  async run(context) {
    const platform = await context.platform();
    await dataPlane(platform);
    await fillCatalogue(platform.superuserUrl('erp-1'));
    const { accessToken } = await signIn(platform.urls.control, host, 'sales@acme.test');
    const headers = { ...plainHeaders(host), authorization: `Bearer ${accessToken}` };
    const agent = new Agent({ keepAlive: true });
    const ask = async (query: string): Promise<number> => {
      const startedAt = performance.now();
      const reply = await call(`${platform.urls.data}/api/erp/variants?${query}`, { headers, agent });
      const tookMs = performance.now() - startedAt;
      if (reply.status !== 200) throw new Error(`${query}: ${reply.status} ${reply.body}`);
      return tookMs;
    };
    const times = Math.max(40, Math.round(200 * context.effort.scale));
    const results: Result[] = [];
    for (const [label, queryOf] of Object.entries(queries)) {
      for (let n = 0; n < 16; n += 1) await ask(queryOf(n));
      const tookMs: number[] = [];
      for (let n = 0; n < times; n += 1) tookMs.push(await ask(queryOf(n)));
      const [p50, p95, p99] = [50, 95, 99].map((share) => percentile(tookMs, share).toFixed(1));
      results.push({
        label,
        unit: 'ms',
        value: single(percentile(tookMs, 99)),
        must: limitMs,
        goal: limitMs / 2,
        detail: `p50 ${p50}, p95 ${p95}, p99 ${p99} ms with HTTP, one after another`,
      });
    }
    agent.destroy();
    return results;
  },
};
