import type { Answer, Client } from '@platen/sdk';
import { formatAmount, sum } from './figures.js';
import { given } from './walk.js';

// A shop that sells on a DecoNetwork site has its orders here: connected, imported, followed and undone.

type Connection = Answer<Client['erp']['dn']['connections']['get']>;
type ImportJob = Answer<Client['erp']['dn']['importJobs']['get']>;

export interface Site {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** Resolves when the job has ended, however it did. */
export async function untilEnded(client: Client, jobId: string): Promise<void> {
  for await (const { type } of client.erp.jobs.events({ id: jobId })) {
    if (type === 'erp.job.succeeded' || type === 'erp.job.failed' || type === 'erp.job.cancelled') return;
  }
}

/** A connection that was tested. Rejects with the site's words when it refuses. */
export async function connectSite(client: Client, { url, ...credentials }: Site): Promise<Connection> {
  const connection = await client.erp.dn.connections.create({
    name: 'Our web shop',
    site_url: url,
    ...credentials,
    kinds: ['order'],
    // Whoever ordered there is a customer here; so is what they ordered a product.
    create_missing: ['customer', 'product'],
  });
  for await (const job of client.erp.jobs.list.items({ kind: 'dn_sync', mine: true })) {
    await untilEnded(client, job.id);
    break;
  }
  const tested = await client.erp.dn.connections.get({ id: connection.id });
  if (tested.status !== 'active') throw new Error(tested.last_test?.message ?? `the connection is ${tested.status}`);
  return tested;
}

/** To its end. */
export async function importOrders(
  client: Client,
  connection: Pick<Connection, 'id'>,
  options: { readonly dryRun?: boolean } = {},
): Promise<ImportJob> {
  const started = await client.erp.dn.importJobs.create({
    connection_id: connection.id,
    dry_run: options.dryRun ?? false,
  });
  await untilEnded(client, started.id);
  return client.erp.dn.importJobs.get({ id: started.id });
}

/** One order's way: the site's record as it came, what it was made into, what the site was told since. Answers our order's id. */
export async function followOrder(client: Client, connectionId: string, dnId: string, print: (text: string) => void) {
  for await (const map of client.erp.dn.maps.list.items({
    connection_id: connectionId,
    kind: 'order',
    dn_id_prefix: dnId,
  })) {
    if (map.dn_id !== dnId) continue;
    const id = given(`What ${dnId} is here`, map.local_id);
    for await (const { at, row, call } of client.erp.dn.maps.trail.items({ id: map.id })) {
      if (call) print(`${at} the site was told ${JSON.stringify(call.request)}: ${call.state}`);
      if (!row) continue;
      const detail = await client.erp.dn.importJobs.row({ id: row.job_id, row_id: row.id });
      print(`${at} ${row.outcome}, ${row.changes.length} fields, from ${detail.raw?.slice(0, 60) ?? 'no record'}`);
    }
    const order = await client.erp.orders.get({ id });
    print(
      `${dnId} is order ${order.number ?? order.id}, ${order.total.amount} ${order.total.currency}, ${order.status}`,
    );
    return id;
  }
  throw new Error(`${dnId} is not known here`);
}

/** An order that came from the site, as a shop reads it: with its SKUs, its customer's address and what was paid. */
export async function* readImported(client: Client, connectionId: string) {
  const skus = new Map<string, Promise<string>>();
  const emails = new Map<string, Promise<string | null>>();
  const once = <T>(known: Map<string, Promise<T>>, id: string, read: () => Promise<T>): Promise<T> => {
    const found = known.get(id) ?? read();
    known.set(id, found);
    return found;
  };
  const skuOf = (id: string) => once(skus, id, async () => (await client.erp.variants.get({ id })).sku);
  const emailOf = (id: string) => once(emails, id, async () => (await client.erp.customers.get({ id })).email);
  const mapped = { connection_id: connectionId, kind: 'order', state: 'mapped', limit: 200 } as const;
  for await (const map of client.erp.dn.maps.list.items(mapped)) {
    const id = given(`What ${map.dn_id} is here`, map.local_id);
    const [order, payments] = await Promise.all([
      client.erp.orders.get({ id }),
      client.erp.orderPayments.list({ id, limit: 200 }),
    ]);
    const lines = order.lines.map(async ({ quantity, line_total, sizes }) => ({
      quantity: Number(quantity),
      line_total: line_total.amount,
      sizes: await Promise.all(
        sizes.map(async (size) => ({ sku: await skuOf(size.variant_id), quantity: Number(size.quantity) })),
      ),
    }));
    const paid = sum(payments.items.map(({ kind, amount }) => `${kind === 'refund' ? '-' : ''}${amount.amount}`));
    yield {
      dnId: map.dn_id,
      id,
      number: order.number,
      status: order.status,
      subtotal: order.subtotal.amount,
      discount: order.discount.amount,
      charges: order.charges.amount,
      tax: order.tax.amount,
      total: order.total.amount,
      paid: formatAmount(paid),
      due_on: order.due_on,
      customer_email: await emailOf(order.customer_id),
      lines: await Promise.all(lines),
    };
  }
}
