import type { DnOrderRecord, DnRecord } from '@platen/schema/contracts/internal/deconetwork';
import type { DnConflictRule, DnImportTask, DnReadKind } from '@platen/schema/states/deconetwork';
import type { Test } from 'tap';
import { v7 } from 'uuid';
import { mainStreet, openSales, userId } from '../../../test/sales.fixture.js';
import { acme, acmePrint, openShopPlane } from '../shop.fixture.js';

export { acme, acmePrint };

export interface Site {
  readonly id: string;
  readonly workspaceId: string | null;
}
export interface JobOptions {
  readonly task?: DnImportTask;
  readonly dryRun?: boolean;
  readonly createMissing?: readonly string[];
  readonly ofJobId?: string;
  readonly from?: string;
}
export type Held = Awaited<ReturnType<Importing['begin']>>;
export type Importing = Awaited<ReturnType<typeof openImporting>>;

const seconds = 1_000;

/** A seeded shop, the plane over it, sites that nobody calls, and a worker's client with records as it would read them. */
export async function openImporting(t: Test) {
  const sales = await openSales(t);
  const { plane, globex, client, sql, scope } = await openShopPlane(t, sales, ['erp.job', 'erp.mail']);

  /** With the status map that a new connection has. */
  async function connect(
    rule: DnConflictRule = 'review',
    workspaceId: string | null = mainStreet,
    status = 'active',
  ): Promise<Site> {
    const id = v7();
    await sql(
      `insert into dn_connections (tenant_id, organization_id, workspace_id, id, name, site_url, credentials, status,
         currency, conflict_rule, created_by) values ($1, $2, $3, $4::uuid, 'Shop', 'https://' || $4, 'sealed', $5, 'EUR', $6, $7)`,
      [acme.id, acmePrint.id, workspaceId, id, status, rule, userId],
    );
    await sql(
      `insert into dn_maps (tenant_id, organization_id, workspace_id, id, connection_id, kind, dn_id, state, local_code, label)
       select $1, $2, $3, gen_random_uuid(), $4, 'status', n.dn_id, 'mapped', n.code, n.code
       from (values ('1', 'confirmed'), ('2', 'ready'), ('3', 'shipped'), ('4', 'cancelled')) n (dn_id, code)`,
      [acme.id, acmePrint.id, workspaceId, id],
    );
    return { id, workspaceId };
  }

  /** A job of the connection that a worker has. */
  async function begin(site: Site, options: JobOptions = {}) {
    const { task = 'import', dryRun = false, createMissing = ['customer', 'product'], ofJobId = null } = options;
    const id = v7();
    const owner = v7();
    await sql(
      `insert into erp_jobs (tenant_id, organization_id, workspace_id, id, kind, title, requested_by, payload, correlation_id,
         exclusive_key, run_after, status, attempts, lease_owner, lease_until, started_at)
       values ($1, $2, $3, $4, 'dn_sync', 'Import', $5, $6, 'test', $7, now(), 'running', 1, $8, now() + interval '1 hour', now())`,
      [acme.id, acmePrint.id, site.workspaceId, id, userId, { task, connection_id: site.id }, `dn:${id}`, owner],
    );
    await sql(
      `insert into dn_import_jobs (tenant_id, organization_id, workspace_id, id, connection_id, task, of_job_id, dry_run, kinds,
         create_missing, modified_from)
       values ($1, $2, $3, $4, $5, $6, $7, $8, '["order"]', $9, $10)`,
      [
        acme.id,
        acmePrint.id,
        site.workspaceId,
        id,
        site.id,
        task,
        ofJobId,
        dryRun,
        JSON.stringify(createMissing),
        options.from ?? null,
      ],
    );
    const held = { ...scope(site.workspaceId), id, owner, attempt: 1 };
    let step = 0;
    return {
      ...held,
      held,
      send: async (...records: DnRecord[]) => {
        step += 1;
        return (await client.deconetworkRecords.records({ ...held, step, records })).result;
      },
      finish: async (kind: DnReadKind, readTo: string) =>
        (await client.deconetworkRecords.finishReading({ ...held, kind, read_to: readTo })).result,
      rows: () =>
        sql<Row>(
          `select *, to_jsonb(before) as before, to_jsonb(after) as after from dn_import_job_rows where job_id = $1 order by id`,
          [id],
        ),
    };
  }

  const orderOf = async (dnId: string) => {
    const [order] = await sql<OrderRow>('select o.* from erp_orders o where o.number = $1', [dnId]);
    if (!order) throw new Error(`no order ${dnId}`);
    return order;
  };
  const shop = {
    id: acme.id,
    slug: 'acme',
    organizationIds: [acmePrint.id, acmePrint.id] as const,
    workspaceIds: [mainStreet, mainStreet] as const,
  };
  /** As a clerk of main street. */
  const asClerk = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) =>
    plane.call(shop, plane.token(shop, { ws: mainStreet, sub: userId }), {
      method,
      url: `/api/erp/${url}`,
      ...(payload && { payload }),
    });
  return { asClerk, ...sales, sales, plane, client, globex, sql, scope, connect, begin, orderOf };
}

export interface Row {
  readonly id: string;
  readonly kind: string;
  readonly dn_id: string;
  readonly outcome: string;
  readonly map_id: string | null;
  readonly local_id: string | null;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  readonly loser: Record<string, unknown> | null;
  readonly error: { code: string; message: string; map_ids?: string[] } | null;
  readonly raw: string | null;
}
export interface OrderRow {
  readonly id: string;
  readonly status: string;
  readonly payment_status: string;
  readonly version: number;
  readonly total: string;
  readonly customer_id: string;
  readonly workspace_id: string | null;
}

/** Minutes after a morning in March. */
export const minute = (count: number): string =>
  new Date(Date.parse('2026-03-01T08:00:00.000Z') + count * 60 * seconds).toISOString();

type Line = DnOrderRecord['lines'][number];
export interface LineParts extends Partial<Line> {
  readonly sku?: string;
}

/** A line of one product in so many sizes, 10 pieces at 4.50 each. */
export function lineOf(place: number, sizes = 2, more: Partial<Line> = {}): Line {
  const made = Array.from({ length: sizes }, (_, n) => ({
    dn_id: `${100 + place}_${n}`,
    sku: `SITE-${place}-${n}`,
    vendor_sku: null,
    size: ['S', 'M', 'L'][n] ?? `${n}XL`,
    quantity: 10,
    unit_price: '4.5',
  }));
  return {
    dn_id: `L${place}`,
    product: { dn_id: `${100 + place}`, code: `TEE-${place}`, name: `Tee ${place}`, colour: 'Navy' },
    decorations: [{ process: 'Screen Print', location: 'Front' }],
    quantity: 10 * sizes,
    unit_price: '4.5',
    line_total: String(45 * sizes),
    sizes: made,
    ...more,
  };
}

/** Amounts add up whatever the lines are: items - 5 + 12.5 + 0 + 3.4375. */
export function orderRecord(dnId: string, more: Partial<DnOrderRecord> = {}): DnOrderRecord {
  const lines = more.lines ?? [lineOf(1), lineOf(2, 1)];
  const items = lines.reduce((sum, line) => sum + Number(line.line_total), 0);
  const total = String(items - 5 + 12.5 + 3.4375);
  return {
    kind: 'order',
    dn_id: dnId,
    modified_at: minute(0),
    raw: JSON.stringify({ order_id: dnId, total: 10.200000000000001 }),
    status: '1',
    customer: {
      dn_id: `C-${dnId}`,
      name: 'Ada Lovelace',
      email: `Ada-${dnId}@Site.example`,
      company: `Engines ${dnId} Ltd`,
      phone: null,
      billing: { line1: 'Street 1', city: 'Austin', region: 'TX', postal_code: '78701', country: 'US' },
      shipping: null,
    },
    job_name: 'Spring',
    customer_po_number: null,
    ordered_at: '2026-02-28T23:30:00.000Z',
    due_on: '2026-03-20',
    items: String(items),
    discount: '5',
    shipping: '12.5',
    rush: '0',
    tax: '3.4375',
    gift_and_credit: '0',
    billable: total,
    outstanding: total,
    lines,
    ...more,
  };
}
