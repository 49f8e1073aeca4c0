import { runSql } from './platform.js';

/** Ten series that were measured every second of twelve days: 10.4 million readings. */
export const filledSeries = 10;
export const filledDays = 12;
/** Those that have a last reading. */
export const fleetDevices = 1_000;

/** Past the product: what ingest and roll-ups would have left, and another tenant's rows between. */
export async function fillReadings(
  superuserUrl: string,
  owner: { readonly tenantId: string; readonly organizationId: string },
): Promise<void> {
  const run = (text: string, ...values: readonly string[]) => runSql(superuserUrl, text, [...values]);
  await run(
    `insert into tel_devices (tenant_id, organization_id, id, code, name, kind, device_no)
     select $1, $2, gen_random_uuid(), 'device-' || n, 'Device', 'sensor', n from generate_series(1, ${fleetDevices}) n`,
    owner.tenantId,
    owner.organizationId,
  );
  await run(
    `insert into tel_metrics (tenant_id, organization_id, id, code, name, kind, metric_no, expected_interval_ms)
     values ($1, $2, gen_random_uuid(), 'm1', 'Metric', 'gauge', 1, 1000)`,
    owner.tenantId,
    owner.organizationId,
  );
  await run(
    `select tel_ensure_partitions(array(select current_date - n from generate_series(0, ${filledDays + 1}) n))`,
  );
  for (let day = 1; day <= filledDays; day += 1) {
    await run(
      `insert into tel_readings (tenant_id, device_no, metric_no, ts, value)
       select $1::uuid, d, 1, (current_date - ${day})::timestamptz + s * interval '1 second', (s * d) % 97 / 8.0
       from generate_series(1, ${filledSeries}) d, generate_series(0, 86399) s`,
      owner.tenantId,
    );
  }
  await run(`insert into tel_readings_1m
      (tenant_id, device_no, metric_no, bucket, count, sum, min, max, first, last, first_ts, last_ts, increase, arrived_at)
    select tenant_id, device_no, metric_no, date_bin('1 minute', ts, '2000-01-01Z'), count(*), sum(value), min(value),
      max(value), min(value), max(value), min(ts), max(ts), 0, max(ts)
    from tel_readings group by 1, 2, 3, 4`);
  const latest = 'insert into tel_latest (tenant_id, device_no, metric_no, ts, value, arrived_at, roll_no)';
  await run(
    `${latest} select $1::uuid, n, 1, now(), n / 8.0, now(), n from generate_series(1, ${fleetDevices}) n`,
    owner.tenantId,
  );
  await run(`${latest} select gen_random_uuid(), n, 1, now(), n, now(), n from generate_series(1, 20000) n`);
}
