import { jsonArray, jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import {
  Job,
  JobCard,
  JobDesign,
  JobEvent,
  JobMachine,
  JobSummary,
} from '@platen/schema/contracts/data/production-jobs';

/** Columns over a job's row `j` and what `jobSources` puts beside it. */
const work = (row: string) => ({
  id: `${row}.id`,
  number: `${row}.number`,
  status: `${row}.status`,
  order_id: `${row}.order_id`,
  order_line_id: `${row}.order_line_id`,
  workspace_id: `${row}.workspace_id`,
  stage_id: `${row}.stage_id`,
  rank: `${row}.rank`,
  priority: `${row}.priority`,
  due_on: `${row}.due_on`,
  quantity: `trunc(${row}.quantity)`,
  quantity_done: `trunc(${row}.quantity_done)`,
  quantity_scrapped: `trunc(${row}.quantity_scrapped)`,
  reprint_of: `${row}.reprint_of`,
  version: `${row}.version`,
});
const machine = {
  device_id: 'j.device_id',
  name: 'j.device_name',
  cycle_seconds: 'trim_scale(j.cycle_seconds)',
  expected_end_at: 'j.expected_end_at',
};

const card = {
  ...work('j'),
  order_number: 'o.number',
  customer_name: 'c.name',
  product_code: 'p.code',
  product_name: 'p.name',
  design: {
    id: 'd.id',
    code: 'd.code',
    name: 'd.name',
    thumbnail_file_id: 'f.id',
  },
  artwork: 'art.state',
  blanks: {
    state: `case when not blanks.tracked then 'not_tracked' when blanks.short > 0 then 'short' else 'there' end`,
    short: 'case when blanks.tracked then ceil(blanks.short) else 0 end',
  },
  machine,
};

/** The design that a line's card shows: its own, else the first of its decorations. */
export const lineDesignSql = (line: string): string =>
  `coalesce(${line}.design_id, (jsonb_path_query_first(${line}.decorations, '$[*].design_id ? (@ != null)') #>> '{}')::uuid)`;

/** The state of all designs of a job: aggregates over its rows `jd` and their designs `x`. */
const artworkState = `case when count(*) = 0 then 'none'
    when bool_or(jd.approved_hash is distinct from x.hash and jd.approved_hash is not null) then 'changed'
    when bool_or(jd.approved_hash is null) then 'pending' else 'approved' end`;

/**
 * What a card shows beside its job `j`. `tracked`: SQL that says whether the tenant keeps stock. The blanks of a reprint
 * were taken when it was made. Each row is found by its id: behind `offset 0` the planner, which knows nothing of what
 * row-level security leaves, does not begin with all orders there are.
 */
export const jobSources = (tracked: string): string => `
  cross join lateral (select o.number, o.customer_id from erp_orders o where o.id = j.order_id offset 0) o
  cross join lateral (select c.name from erp_customers c where c.id = o.customer_id offset 0) c
  cross join lateral (
    select l.id, l.product_id, ${lineDesignSql('l')} as design_id
    from erp_order_lines l where l.id = j.order_line_id offset 0
  ) l
  cross join lateral (select p.code, p.name from erp_products p where p.id = l.product_id offset 0) p
  left join lateral (
    select d.id, d.code, d.name, d.file_id from erp_designs d where d.id = l.design_id offset 0
  ) d on true
  left join lateral (
    select f.id from erp_files f where f.id = d.file_id and f.thumbnail_key is not null and f.deleted_at is null offset 0
  ) f on true
  cross join lateral (
    select ${artworkState} as state from erp_production_job_designs jd
    cross join lateral (select x.hash from erp_designs x where x.id = jd.design_id offset 0) x where jd.job_id = j.id
  ) art
  cross join lateral (
    select ${tracked} as tracked, coalesce(sum(s.open_quantity - s.reserved_quantity), 0) as short
    from erp_order_line_sizes s where s.order_line_id = l.id and j.reprint_of is null
  ) blanks`;

/** Of a job `j` that is on a machine. */
export const machineJson = jsonSelect(JobMachine, machine);

export const cardJson = jsonSelect(JobCard, card);

/** Over the alias `t`. */
export const jobSummaryJson = jsonSelect(JobSummary, {
  ...work('t'),
  note: 't.note',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

/**
 * The sizes of the job `job` with what was scrapped of each and is made again: of its line, or of a reprint those that it
 * was made for.
 */
export const jobSizesSql = (job: string): string => `
  select s.id as size_id, s.variant_id, made.quantity, coalesce(scrapped.quantity, 0) as scrapped,
    coalesce(again.quantity, 0) as reprinted, greatest(s.open_quantity - s.reserved_quantity, 0) as short
  from (
    select w.variant_id, w.quantity from erp_order_line_sizes w
    where w.order_line_id = ${job}.order_line_id and ${job}.reprint_of is null
    union all
    select w.variant_id, w.quantity from erp_production_job_events e,
      jsonb_to_recordset(e.sizes) as w (variant_id uuid, quantity numeric)
    where e.job_id = ${job}.id and e.kind = 'created' and ${job}.reprint_of is not null
  ) made
  join erp_order_line_sizes s on s.order_line_id = ${job}.order_line_id and s.variant_id = made.variant_id
  left join (
    select w.variant_id, sum(w.quantity) as quantity from erp_production_job_events e,
      jsonb_to_recordset(e.sizes) as w (variant_id uuid, quantity numeric)
    where e.job_id = ${job}.id and e.kind = 'pieces_scrapped' group by w.variant_id
  ) scrapped on scrapped.variant_id = made.variant_id
  left join (
    select w.variant_id, sum(w.quantity) as quantity
    from erp_production_jobs r
    join erp_production_job_events e on e.job_id = r.id and e.kind = 'created',
      jsonb_to_recordset(e.sizes) as w (variant_id uuid, quantity numeric)
    where r.order_line_id = ${job}.order_line_id and r.reprint_of = ${job}.id and r.status <> 'cancelled'
    group by w.variant_id
  ) again on again.variant_id = made.variant_id`;

const design = jsonSelect(JobDesign, {
  design_id: 'x.id',
  code: 'x.code',
  name: 'x.name',
  hash: 'x.hash',
  artwork: `case when jd.approved_hash is null then 'pending' when jd.approved_hash = x.hash then 'approved' else 'changed' end`,
  approved_hash: 'jd.approved_hash',
  approved_by: 'jd.approved_by',
  approved_at: 'jd.approved_at',
});
const size = jsonSelect(Job.properties.sizes.items, {
  variant_id: 'z.variant_id',
  sku: 'v.sku',
  quantity: 'trunc(z.quantity)',
  scrapped: 'trunc(z.scrapped)',
  reprinted: 'trunc(z.reprinted)',
  short: 'case when blanks.tracked and j.reprint_of is null then ceil(z.short) else 0 end',
});
const reprint = jsonSelect(Job.properties.reprints.items, {
  id: 'r.id',
  number: 'r.number',
  status: 'r.status',
  quantity: 'trunc(r.quantity)',
  quantity_done: 'trunc(r.quantity_done)',
});

/**
 * Hundredths of a minute: a run of a second is not nothing. A job that has left the board, whose last change that was, is
 * worked on no longer, also where nobody took it off its machine.
 */
const runMinutes = (run: string): string => {
  const until = `least(coalesce(${run}.ended_at, now()), case when j.status <> 'open' then j.updated_at end)`;
  return `round((extract(epoch from greatest(${until}, ${run}.started_at) - ${run}.started_at) / 60)::numeric, 2)`;
};
const run = jsonSelect(Job.properties.runs.items, {
  id: 'w.id',
  device_id: 'w.device_id',
  name: 'w.device_name',
  started_at: 'w.started_at',
  ended_at: 'w.ended_at',
  pieces: 'trunc(w.pieces)',
  recorded: 'trunc(w.recorded)',
  cycle_seconds: 'trim_scale(w.cycle_seconds)',
  minutes: runMinutes('w'),
});
const runsOfJob = 'erp_production_job_runs w where w.job_id = j.id';

export const jobJson = jsonSelect(Job, {
  ...card,
  note: 'j.note',
  quoted_minutes: 'trim_scale(j.quoted_minutes)',
  actual_minutes: `(select coalesce(sum(${runMinutes('w')}), 0) from ${runsOfJob})`,
  runs: jsonArray(run, `(select * from ${runsOfJob} order by w.id limit 100) w order by w.id`),
  designs: jsonArray(
    design,
    'erp_production_job_designs jd join erp_designs x on x.id = jd.design_id where jd.job_id = j.id order by jd.id',
  ),
  sizes: jsonArray(
    size,
    `(${jobSizesSql('j')}) z join erp_product_variants v on v.id = z.variant_id order by z.size_id`,
  ),
  reprints: jsonArray(
    reprint,
    'erp_production_jobs r where r.order_line_id = j.order_line_id and r.reprint_of = j.id order by r.id',
  ),
  created_at: 'j.created_at',
  updated_at: 'j.updated_at',
});

/** Over the alias `t`. */
export const jobEventJson = jsonSelect(JobEvent, {
  id: 't.id',
  kind: 't.kind',
  from_stage_id: 't.from_stage_id',
  to_stage_id: 't.to_stage_id',
  quantity: 'trunc(t.quantity)',
  sizes: jsonExpression('t.sizes'),
  reason: 't.reason',
  made_by: 't.made_by',
  created_at: 't.created_at',
});
