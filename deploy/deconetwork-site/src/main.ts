import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startDecoNetworkSite } from './site.js';
import type { CatalogueInput } from './truth.js';

const usage = `node deploy/deconetwork-site/dist/main.js [options]

Serves a stand-in for a DecoNetwork site on 127.0.0.1 until SIGTERM or Ctrl-C; /__site controls it.

  --port 4300            --seed 7              --start-at 2026-06-01T00:00:00Z   the site's clock
  --orders 60            --products 24         --customers 40    --purchase-orders 10
  --username platen      --password …
  --catalogue file.json  products and customers to use instead of made-up ones
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4300' },
    seed: { type: 'string', default: '1' },
    orders: { type: 'string', default: '60' },
    products: { type: 'string', default: '24' },
    customers: { type: 'string', default: '40' },
    'purchase-orders': { type: 'string', default: '10' },
    'start-at': { type: 'string' },
    username: { type: 'string' },
    password: { type: 'string' },
    catalogue: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(usage);
} else {
  const { username, password, catalogue } = values;
  const startAt = values['start-at'];
  const site = await startDecoNetworkSite({
    control: true,
    port: whole('port', values.port),
    seed: whole('seed', values.seed),
    orders: whole('orders', values.orders),
    products: whole('products', values.products),
    customers: whole('customers', values.customers),
    purchaseOrders: whole('purchase-orders', values['purchase-orders']),
    ...(startAt !== undefined && { startAt }),
    ...(username !== undefined && password !== undefined && { credentials: { username, password } }),
    // A file of ours, written by who starts this.
    ...(catalogue !== undefined && { catalogue: JSON.parse(readFileSync(catalogue, 'utf8')) as CatalogueInput }),
  });
  process.stdout.write(`READY ${JSON.stringify({ url: site.url, ...site.credentials })}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void site.close());
}

function whole(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  process.stderr.write(`--${name} ${text} is not a whole number\n\n${usage}`);
  process.exit(2);
}
