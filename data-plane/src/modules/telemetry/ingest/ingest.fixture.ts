import { randomUUID } from 'node:crypto';
import { type Engine, testDatabase } from '@platen/chassis/testkit/database';
import postgres from 'postgres';
import { openTestPlane, type TestTenant } from '../../../testkit/test-plane.js';

/** A plane with two tenants whose devices are called alike; `press-2` is disabled, `far` is of the second organization. */
export async function openIngest(t: Parameters<typeof testDatabase>[0], engine: Engine) {
  const database = await testDatabase(t, 'telemetry', engine);
  const plane = openTestPlane(t, { telemetry_1: { ...database, kind: 'telemetry' } });
  const sql = postgres(database.superuserUrl, { max: 1, onnotice: () => {} });
  t.teardown(() => sql.end());
  const addTenant = async (slug: string, limits: Record<string, number> = {}, names = ['press-1', 'press-2']) => {
    const tenant = plane.addTenant(slug, 'erp_1', { telemetry_db_key: 'telemetry_1', limits });
    const [organization, other] = tenant.organizationIds;
    const owned = (id: string, code: string, no: number) => ({
      ...{
        tenant_id: tenant.id,
        organization_id: id,
        id: randomUUID(),
        code,
        name: code,
        device_no: no,
        kind: 'press',
      },
      status: code === 'press-2' ? 'disabled' : 'active',
    });
    const devices = [...names.map((code, n) => owned(organization, code, n + 1)), owned(other, 'far', 90)];
    await sql`insert into tel_devices ${sql(devices)}`;
    for (const [n, code] of ['pieces', 'temperature'].entries())
      await sql`insert into tel_metrics ${sql({ tenant_id: tenant.id, organization_id: organization, id: randomUUID(), code, name: code, kind: 'gauge', metric_no: n + 1 })}`;
    return tenant;
  };
  const send = (tenant: TestTenant, body: string | Buffer | object, headers: Record<string, string> = {}, query = '') =>
    plane.call(tenant, plane.token(tenant), {
      method: 'POST',
      url: `/api/telemetry/readings${query}`,
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
  const stored = (tenant: TestTenant) =>
    sql<{ device_no: number; metric_no: number; ts: Date; value: number }[]>`
      select device_no, metric_no, ts, value from tel_readings where tenant_id = ${tenant.id} order by 1, 2, 3`;
  return { plane, sql, addTenant, send, stored };
}

export type IngestPlane = Awaited<ReturnType<typeof openIngest>>;
