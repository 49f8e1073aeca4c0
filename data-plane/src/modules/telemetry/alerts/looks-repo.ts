import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';
import type { AlertCondition, AlertPhase, AlertSeverity } from '@platen/schema/states/telemetry';

/** A series as its readings are found. */
export interface Series {
  readonly deviceNo: number;
  readonly metricNo: number;
}

/** A rule at a device, and where the look at it stands. */
export interface Look {
  readonly rule_id: string;
  readonly device_id: string;
  /** Of what is raised there. */
  readonly workspace_id: string | null;
  readonly device_no: number;
  readonly metric_no: number;
  readonly condition: AlertCondition;
  readonly threshold: number | null;
  readonly clear_threshold: number | null;
  readonly duration_seconds: number;
  readonly severity: AlertSeverity;
  readonly watched_ms: number;
  /** Null: nobody has looked yet. */
  readonly phase: AlertPhase | null;
  readonly since_ms: number | null;
  readonly looked_ms: number | null;
  readonly peak: number | null;
  /** Of the newest reading; of `no_data` when it came in. Null: there is none. */
  readonly newest_ms: number | null;
}

const toNumber = (text: string): number => Number(text);
const parseLook = {
  device_no: 'int',
  metric_no: 'int',
  threshold: toNumber,
  clear_threshold: toNumber,
  duration_seconds: 'int',
  watched_ms: toNumber,
  since_ms: toNumber,
  looked_ms: toNumber,
  peak: toNumber,
  newest_ms: toNumber,
} as const;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

// Each look-up finds its index without statistics: nothing here is joined that could be joined the other way round.
const rules = `(select r.*, m.metric_no, m.workspace_id as metric_workspace_id from tel_alert_rules r
    cross join lateral (select m.metric_no, m.workspace_id from tel_metrics m where m.id = r.metric_id offset 0) m
    where r.enabled and r.condition %condition% 'no_data' offset 0) r`;
const device = `cross join lateral (select d.id, d.workspace_id, d.device_no from tel_devices d
    where %key% and d.status = 'active' offset 0) d`;
const state = `left join lateral (select s.phase, s.since, s.looked_until, s.peak from tel_alert_states s
    where s.rule_id = r.id and s.device_id = d.id offset 0) s on true`;
const latest = (condition: string) => `(select l.device_no, l.metric_no, l.ts, l.arrived_at from tel_own_latest l
    where ${condition} offset 0) l`;
const ofSeries = 'l.device_no = d.device_no and l.metric_no = r.metric_no';
/** A rule of a workspace is about what is seen there, and so is a metric. */
const together = `(r.device_id is null or r.device_id = d.id)
    and (r.workspace_id is null or d.workspace_id is null or d.workspace_id = r.workspace_id)
    and (r.metric_workspace_id is null
      or r.metric_workspace_id = coalesce(r.workspace_id, d.workspace_id, r.metric_workspace_id))`;
const columns = (newest: string) => `r.id as rule_id, d.id as device_id,
  coalesce(r.workspace_id, d.workspace_id, r.metric_workspace_id) as workspace_id, d.device_no, r.metric_no, r.condition,
  r.threshold, r.clear_threshold, r.duration_seconds, r.severity, ${ms('r.watched_from')} as watched_ms, s.phase,
  ${ms('s.since')} as since_ms, ${ms('s.looked_until')} as looked_ms, s.peak, ${ms(newest)} as newest_ms`;

const rulesWith = (condition: '=' | '<>') => rules.replace('%condition%', condition);
const deviceBy = (key: string) => device.replace('%key%', key);

// A rule that names a device finds it, and what it last sent, by their keys; any other is about those that have sent it.
const devices = (condition: '=' | '<>') => `${rulesWith(condition)}
   cross join lateral (
     select d.id, d.workspace_id, d.device_no, l.ts, l.arrived_at
     from tel_devices d left join lateral ${latest(ofSeries)} on true
     where d.id = r.device_id and d.status = 'active'
     union all
     select d.id, d.workspace_id, d.device_no, l.ts, l.arrived_at from ${latest('l.metric_no = r.metric_no')}
       ${deviceBy('d.device_no = l.device_no')} where r.device_id is null
   ) d
   cross join lateral (select d.ts, d.arrived_at offset 0) l ${state}`;

const isBehind = `least(l.ts, $1::timestamptz) > greatest(coalesce(s.looked_until, r.watched_from), r.watched_from)`;

const selectBehind = statement<Look>(
  'telemetry_alerts.behind',
  `select ${columns('least(l.ts, $1::timestamptz)')} from ${devices('<>')}
   where ${together} and ${isBehind} limit $2::int`,
  { parse: parseLook },
);

const selectBehindOf = statement<Look>(
  'telemetry_alerts.behind_of',
  `select ${columns('least(l.ts, $1::timestamptz)')} from ${rulesWith('<>')}
   cross join lateral (select c.device_no from unnest($3::int[], $4::int[]) c(device_no, metric_no)
     where c.metric_no = r.metric_no offset 0) c
   ${deviceBy('d.device_no = c.device_no')}
   cross join lateral ${latest(ofSeries)} ${state}
   where ${together} and ${isBehind} limit $2::int`,
  { parse: parseLook },
);

/**
 * Rules about values that have not seen the newest reading of a device, of all series or of some. What is measured after
 * `until` waits: a clock that is far ahead would close the time before it.
 */
export const listBehind = (
  db: Queryable,
  until: Date,
  limit: number,
  series: readonly Series[] | null,
): Promise<Look[]> =>
  series === null
    ? db.query(selectBehind, [until, limit])
    : db.query(selectBehindOf, [
        until,
        limit,
        series.map(({ deviceNo }) => deviceNo),
        series.map(({ metricNo }) => metricNo),
      ]);

const life = 'greatest(coalesce(l.arrived_at, r.watched_from), r.watched_from)';
const deadline = `${life} + make_interval(secs => r.duration_seconds)`;
const isSilent = `s.phase is distinct from 'raised' and ${deadline} <= $1::timestamptz`;
const isBack = `s.phase = 'raised' and l.arrived_at > s.looked_until`;

const selectSilences = statement<Look>(
  'telemetry_alerts.silences',
  `select ${columns('l.arrived_at')} from ${devices('=')}
   where ${together} and (${isSilent} or ${isBack}) limit $2::int`,
  { parse: parseLook },
);

const selectBack = statement<Look>(
  'telemetry_alerts.back',
  `select ${columns('l.arrived_at')} from ${rulesWith('=')}
   cross join lateral (select c.device_no from unnest($2::int[], $3::int[]) c(device_no, metric_no)
     where c.metric_no = r.metric_no offset 0) c
   ${deviceBy('d.device_no = c.device_no')}
   cross join lateral ${latest(ofSeries)} ${state}
   where ${together} and ${isBack} limit $1::int`,
  { parse: parseLook },
);

/** Rules about silence whose device has been silent for too long, or is not any more. */
export const listSilences = (db: Queryable, now: Date, limit: number): Promise<Look[]> =>
  db.query(selectSilences, [now, limit]);

/** Of these series, those that were told to be silent. */
export const listBack = (db: Queryable, limit: number, series: readonly Series[]): Promise<Look[]> =>
  db.query(selectBack, [limit, series.map(({ deviceNo }) => deviceNo), series.map(({ metricNo }) => metricNo)]);

const selectNext = statement<{ has_rules: boolean; next_ms: number | null }>(
  'telemetry_alerts.next',
  `select exists (select from tel_alert_rules where enabled) as has_rules,
     (select ${ms(`min(${deadline})`)} from ${devices('=')}
      where ${together} and s.phase is distinct from 'raised' and ${deadline} > $1::timestamptz) as next_ms`,
  { parse: { has_rules: 'bool', next_ms: toNumber } },
);

/** Whether there is anything to look at, and when the next silence would be too long. */
export async function readNext(db: Queryable, now: Date): Promise<{ hasRules: boolean; nextMs: number | null }> {
  const [row] = await db.query(selectNext, [now]);
  return { hasRules: row?.has_rules ?? false, nextMs: row?.next_ms ?? null };
}

/** A reading of the look with that place in the list. */
export interface LookedReading {
  readonly n: number;
  readonly ts_ms: number;
  readonly value: number;
}

const selectReadings = statement<LookedReading>(
  'telemetry_alerts.readings',
  `select a.n, ${ms('r.ts')} as ts_ms, r.value
   from unnest($1::int[], $2::int[], $3::timestamptz[]) with ordinality a(device_no, metric_no, after, n)
   cross join lateral (select r.ts, r.value from tel_own_readings r
     where r.device_no = a.device_no and r.metric_no = a.metric_no and r.ts > a.after and r.ts <= $4::timestamptz
     order by r.ts limit $5::int) r
   order by a.n, r.ts`,
  { parse: { n: 'int', ts_ms: toNumber, value: toNumber } },
);

/** The next readings of each, in order; `n` from 1. */
export const listReadingsAfter = (
  db: Queryable,
  series: readonly (Series & { readonly afterMs: number })[],
  until: Date,
  limit: number,
): Promise<LookedReading[]> =>
  db.query(selectReadings, [
    series.map(({ deviceNo }) => deviceNo),
    series.map(({ metricNo }) => metricNo),
    series.map(({ afterMs }) => new Date(afterMs).toISOString()),
    until,
    limit,
  ]);
