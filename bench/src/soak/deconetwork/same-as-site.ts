import { type DecoNetworkSite, differencesOf, type SiteOrder } from '@platen/deconetwork-site';
import { readImported } from '@platen/sdk/examples/import-deconetwork';
import type { DnStage } from './stage.js';

/** In what that which is here is not the site's, as a shop reads it; `but`: orders that are to differ. */
export async function differences(
  { client }: DnStage,
  connectionId: string,
  site: DecoNetworkSite,
  but: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  for await (const { dnId, ...ours } of readImported(client, connectionId)) {
    if (seen.has(dnId)) found.push(`${dnId} is here twice`);
    seen.add(dnId);
    if (!but.has(dnId)) found.push(...differencesOf(withSkus(site.order(dnId)), ours));
  }
  return [...found, ...site.orders().flatMap(({ id }) => (seen.has(id) ? [] : [`${id} is not here`]))];
}

/** What the site has no SKU of is called here by the site's own id of it. */
const withSkus = (order: SiteOrder): SiteOrder => ({
  ...order,
  lines: order.lines.map((line) => ({
    ...line,
    sizes: line.sizes.map((size) => ({ ...size, sku: { ...size.sku, sku: size.sku.sku || `dn-${size.sku.dnSkuId}` } })),
  })),
});

const twiceSql = `
  select 'order' as kind, o.number as what, count(*)::int as n from erp_orders o
    where o.id = any(array(select m.local_id from dn_maps m where m.connection_id = $1 and m.kind = 'order'))
      or o.number = any(array(select m.dn_id from dn_maps m where m.connection_id = $1 and m.kind = 'order'))
    group by o.tenant_id, o.organization_id, o.number having count(*) > 1
  union all
  select 'first payment', p.reference, count(*)::int from erp_order_payments p
    join dn_maps m on m.local_id = p.order_id and m.kind = 'order' and m.connection_id = $1
    where not exists (select from dn_import_job_rows r where r.map_id = m.id and r.outcome = 'updated')
    group by p.order_id, p.reference having count(*) > 1
  union all
  select 'customer', c.email, count(*)::int from erp_customers c
    where c.email is not null group by c.tenant_id, c.organization_id, c.email having count(*) > 1
  union all
  select 'variant', v.sku, count(*)::int from erp_product_variants v
    group by v.tenant_id, v.organization_id, lower(v.sku), v.sku having count(*) > 1
  union all
  select 'map of ' || m.kind, m.local_id::text, count(*)::int from dn_maps m
    where m.connection_id = $1 and m.local_id is not null group by m.kind, m.local_id having count(*) > 1
  union all
  select 'event erp.order.created', e.key, count(*)::int from outbox_events e
    where e.type = 'erp.order.created' group by e.tenant_id, e.key having count(*) > 1`;

/** What is here twice, and what is mapped in another number than the site has. */
export async function twice({ erp }: DnStage, connectionId: string, site: DecoNetworkSite): Promise<string[]> {
  const { rows } = await erp.query<{ kind: string; what: string; n: number }>(twiceSql, [connectionId]);
  const counts = await erp.query<{ kind: string; n: number }>(
    `select kind, count(*)::int as n from dn_maps where connection_id = $1 and state = 'mapped' group by kind`,
    [connectionId],
  );
  const mapped = new Map(counts.rows.map(({ kind, n }) => [kind, n]));
  const orders = site.orders();
  const lines = orders.flatMap((order) => order.lines);
  const expected = [
    ['order', orders.length],
    ['customer', new Set(orders.map(({ customer }) => customer.id)).size],
    ['product', new Set(lines.map(({ product }) => product.id)).size],
    ['variant', new Set(lines.flatMap(({ sizes }) => sizes.map(({ sku }) => sku.dnSkuId))).size],
  ] as const;
  return [
    ...rows.map(({ kind, what, n }) => `${kind} ${what} is here ${n} times`),
    ...expected.flatMap(([kind, n]) =>
      mapped.get(kind) === n ? [] : [`${mapped.get(kind) ?? 0} mapped of the kind ${kind}, ${n} at the site`],
    ),
  ];
}
