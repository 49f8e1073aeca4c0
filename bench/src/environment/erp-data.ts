import { tenants } from '@platen/schema/seeds/identities';
import pg from 'pg';
import { runSql } from './platform.js';

/** How full the ERP database is. */
export interface ErpSize {
  readonly tenants: number;
  readonly ordersPerTenant: number;
}

const acme = tenants.acme;
/** Whose orders are read, in the context that its sales user signs in to. */
export const benchOwner = {
  tenantId: acme.id,
  organizationId: acme.organizations['acme-print'].id,
  workspaceId: acme.organizations['acme-print'].workspaces['main-street'].id,
} as const;

const uuid = (group: string, number: string) =>
  `('0196${group}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

const linesPerOrder = 3;
const customersPerTenant = 5;
const productsPerTenant = 8;

/**
 * Orders of many tenants, interleaved as time would have interleaved them, so that one tenant's rows lie on as many pages as
 * they would in real life. The first tenant is `benchOwner`; its rows are newer than the seeds', so that a list shows them
 * alone. Written by a superuser past policies and foreign keys, which
 * the rows keep all the same.
 */
function fillStatements(size: ErpSize): string[] {
  const owner = (tenant: string) => `
    case when ${tenant} = 0 then '${benchOwner.tenantId}'::uuid else ${uuid('0001', tenant)} end,
    case when ${tenant} = 0 then '${benchOwner.organizationId}'::uuid else ${uuid('0002', tenant)} end`;
  const workspace = (tenant: string) => `case when ${tenant} = 0 then '${benchOwner.workspaceId}'::uuid end`;
  const ofTenant = (tenant: string, number: string, each: number) => `(${tenant} * ${each} + ${number})`;
  const orders = size.tenants * size.ordersPerTenant;
  return [
    `insert into erp_customers (tenant_id, organization_id, id, code, name, currency)
      select ${owner('t')}, ${uuid('0003', ofTenant('t', 'n', customersPerTenant))}, 'bench-' || n, 'Customer ' || n, 'EUR'
      from generate_series(0, ${size.tenants - 1}) t, generate_series(0, ${customersPerTenant - 1}) n`,
    `insert into erp_products (tenant_id, organization_id, id, code, name, status, kind, base_price, currency)
      select ${owner('t')}, ${uuid('0004', ofTenant('t', 'n', productsPerTenant))}, 'bench-' || n, 'Product ' || n, 'active', 'blank', 5 + n, 'EUR'
      from generate_series(0, ${size.tenants - 1}) t, generate_series(0, ${productsPerTenant - 1}) n`,
    `insert into erp_product_variants (tenant_id, organization_id, id, product_id, sku, option_values)
      select ${owner('t')}, ${uuid('0005', ofTenant('t', '(n * 2 + s)', productsPerTenant * 2))},
        ${uuid('0004', ofTenant('t', 'n', productsPerTenant))}, 'bench-' || n || '-' || s, '{"size":"M"}'
      from generate_series(0, ${size.tenants - 1}) t, generate_series(0, ${productsPerTenant - 1}) n, generate_series(0, 1) s`,
    `insert into erp_orders (tenant_id, organization_id, workspace_id, id, number, status, payment_status, customer_id,
        currency, subtotal, discount, tax, total, deposit_due, due_on, created_at, updated_at)
      select ${owner(`(k % ${size.tenants})`)}, ${workspace(`(k % ${size.tenants})`)}, ${uuid('0006', 'k')},
        'B-' || lpad((k / ${size.tenants} + 1)::text, 6, '0'), 'confirmed', 'unpaid',
        ${uuid('0003', ofTenant(`(k % ${size.tenants})`, `(k % ${customersPerTenant})`, customersPerTenant))},
        'EUR', 120.5, 5.5, 21.85, 136.85, 68.43, date '2026-02-01' + k % 60,
        timestamptz '2030-01-01' + k * interval '17 seconds', timestamptz '2030-01-01' + k * interval '17 seconds'
      from generate_series(0, ${orders - 1}) k`,
    `insert into erp_order_lines (tenant_id, organization_id, workspace_id, id, order_id, position, product_id, quantity,
        unit_price, line_total)
      select ${owner(`(k % ${size.tenants})`)}, ${workspace(`(k % ${size.tenants})`)},
        ${uuid('0007', `(k * ${linesPerOrder} + n)`)}, ${uuid('0006', 'k')}, n + 1,
        ${uuid('0004', ofTenant(`(k % ${size.tenants})`, `((k + n) % ${productsPerTenant})`, productsPerTenant))}, 12, 3.42, 41
      from generate_series(0, ${orders - 1}) k, generate_series(0, ${linesPerOrder - 1}) n`,
    `insert into erp_order_line_sizes (tenant_id, organization_id, workspace_id, id, order_line_id, variant_id, quantity, unit_price)
      select ${owner(`(k % ${size.tenants})`)}, ${workspace(`(k % ${size.tenants})`)},
        ${uuid('0008', `((k * ${linesPerOrder} + n) * 2 + s)`)}, ${uuid('0007', `(k * ${linesPerOrder} + n)`)},
        ${uuid('0005', ofTenant(`(k % ${size.tenants})`, `((k + n) % ${productsPerTenant} * 2 + s)`, productsPerTenant * 2))},
        6, 3.42
      from generate_series(0, ${orders - 1}) k, generate_series(0, ${linesPerOrder - 1}) n, generate_series(0, 1) s`,
  ];
}

export async function fillErpDatabase(superuserUrl: string, size: ErpSize): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const text of fillStatements(size)) await client.query(text);
    await client.query('reset session_replication_role');
    // As autovacuum would have done by the next morning: index-only scans need the visibility map.
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** Ids of `benchOwner`'s orders. */
export async function listOrderIds(superuserUrl: string, limit: number): Promise<string[]> {
  const rows = await runSql(
    superuserUrl,
    `select id from erp_orders where tenant_id = $1 and number like 'B-%' order by md5(id::text) limit $2`,
    [benchOwner.tenantId, limit],
  );
  return (rows as { id: string }[]).map((row) => row.id);
}
