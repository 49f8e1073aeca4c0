/**
 * What the data plane is measured against: bare Fastify, a pg pool, named prepared statements, and nothing of what the
 * product does for each request (no correlation, host, token, permission, limit, log line or row-level security).
 */
import type { AddressInfo } from 'node:net';
import { type OrderSummary, orders } from '@platen/schema/contracts/data/orders';
import { erpOrders } from '@platen/schema/tables/erp/orders';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { alias } from 'drizzle-orm/pg-core';
import { fastify } from 'fastify';
import pg from 'pg';
import type { Static } from 'typebox';
import { plainListJson, plainListRows, plainOrder, securedOrderJson } from './order-sql.js';
import type { PlainServerOptions } from './plain.js';

const options = JSON.parse(process.argv[2] ?? '{}') as PlainServerOptions;
const { tenantId, organizationId, workspaceId } = options.owner;
const plain = new pg.Pool({ connectionString: options.plainUrl, max: 10 });
const secured = drizzle(new pg.Pool({ connectionString: options.securedUrl, max: 10 }));
const app = fastify({ logger: false });
const json = 'application/json; charset=utf-8';

const orderResponse = { schema: { response: { 200: orders.get.response } } };
const listResponse = { schema: { response: { 200: orders.list.response } } };

app.get<{ Params: { id: string } }>('/orders/:id', orderResponse, async ({ params }, reply) => {
  const { rows } = await plain.query<{ body: string }>({
    name: 'order',
    text: plainOrder,
    values: [params.id, tenantId, organizationId],
  });
  return reply.type(json).send(rows[0]?.body);
});

app.get('/orders', listResponse, async () => {
  const { rows } = await plain.query<OrderRow>({
    name: 'list',
    text: plainListRows,
    values: [50, tenantId, organizationId],
  });
  const items = rows.slice(0, 50).map(summaryOf);
  return { items, next_cursor: rows.length > 50 ? cursorOf(items.at(-1)) : null };
});

app.get('/json/orders', listResponse, async (_request, reply) => {
  const { rows } = await plain.query<{ items: string | null }>({
    name: 'list-json',
    text: plainListJson,
    values: [50, tenantId, organizationId],
  });
  return reply.type(json).send(`{"items":[${rows[0]?.items ?? ''}],"next_cursor":null}`);
});

const o = alias(erpOrders, 'o');
app.get<{ Params: { id: string } }>('/orm/orders/:id', orderResponse, async ({ params }, reply) => {
  const [row] = await secured.transaction(async (tx) => {
    await tx.execute(
      sql`select set_config('app.tenant_id', ${tenantId}, true), set_config('app.organization_id', ${organizationId}, true),
        set_config('app.workspace_id', ${workspaceId}, true)`,
    );
    return tx
      .select({ body: sql<string>`${sql.raw(securedOrderJson)}`, version: o.version })
      .from(o)
      .where(eq(o.id, params.id));
  });
  return reply.type(json).send(row?.body);
});

type Summary = Static<typeof OrderSummary>;

interface OrderRow {
  readonly id: string;
  readonly number: string | null;
  readonly status: Summary['status'];
  readonly payment_status: Summary['payment_status'];
  readonly quote_id: string | null;
  readonly customer_id: string;
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly store_id: string | null;
  readonly currency: string;
  readonly subtotal: string;
  readonly discount: string;
  readonly tax: string;
  readonly total: string;
  readonly charges: string;
  readonly deposit_due: string | null;
  readonly due_on: string | null;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

function summaryOf(row: OrderRow): Summary {
  const money = (amount: string) => ({ amount, currency: row.currency });
  return {
    ...row,
    subtotal: money(row.subtotal),
    discount: money(row.discount),
    tax: money(row.tax),
    total: money(row.total),
    charges: money(row.charges),
    deposit_due: row.deposit_due === null ? null : money(row.deposit_due),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

const cursorOf = (last: { created_at: string; id: string } | undefined): string =>
  Buffer.from(`${last?.created_at} ${last?.id}`).toString('base64url');

process.once('disconnect', () => process.exit());
// Listening on TCP, so the address is an object.
await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: (app.server.address() as AddressInfo).port });
