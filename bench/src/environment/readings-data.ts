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
  const fillDay = async (day: number): Promise<void> => {
    const midnight = `(current_date - ${day})::timestamptz`;
    await run(
      `insert into tel_readings (tenant_id, device_no, metric_no, ts, value)
       select $1::uuid, d, 1, ${midnight} + make_interval(secs => s), (s * d) % 97 / 8.0::float8
       from generate_series(1, ${filledSeries}) d, generate_series(0, 86399) s`,
      owner.tenantId,
    );
    // From what was written, so not again from what is stored: sorted, and by far fewer rows.
    await run(
      `insert into tel_readings_1m
         (tenant_id, device_no, metric_no, bucket, count, sum, min, max, first, last, first_ts, last_ts, increase, arrived_at)
       select $1::uuid, d, 1, at, 60, sum(v), min(v), max(v), min(v) filter (where s % 60 = 0), min(v) filter (where s % 60 = 59),
         at, at + interval '59 seconds', 0, at + interval '59 seconds'
       from (
         select d, s, ${midnight} + make_interval(mins => s / 60) as at, (s * d) % 97 / 8.0::float8 as v
         from generate_series(1, ${filledSeries}) d, generate_series(0, 86399) s
       ) r group by d, at order by d, at`,
      owner.tenantId,
    );
  };
  // A processor each, where there are two.
  const fillEachSecond = async (day: number): Promise<void> => {
    for (let next = day; next <= filledDays; next += 2) await fillDay(next);
  };
  await Promise.all([fillEachSecond(1), fillEachSecond(2)]);
  const latest = 'insert into tel_latest (tenant_id, device_no, metric_no, ts, value, arrived_at, roll_no)';
  await run(
    `${latest} select $1::uuid, n, 1, now(), n / 8.0, now(), n from generate_series(1, ${fleetDevices}) n`,
    owner.tenantId,
  );
  await run(`${latest} select gen_random_uuid(), n, 1, now(), n, now(), n from generate_series(1, 20000) n`);
}
