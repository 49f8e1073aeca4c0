import { jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { Metric, metrics } from '@platen/schema/contracts/data/telemetry-metrics';
import { type ChangeRow, type JsonRow, parseChangeRow, parseJsonRow } from '../../../stored-json.js';
import { listing } from '../../documents/index.js';
import { numberOf } from '../numbers.js';
import { saysCodeOrName } from '../search.js';

const item = jsonSelect(Metric, {
  id: 't.id',
  code: 't.code',
  name: 't.name',
  unit: 't.unit',
  kind: 't.kind',
  expected_interval_ms: 't.expected_interval_ms',
  version: 't.version',
  created_at: 't.created_at',
  updated_at: 't.updated_at',
});

export const listMetrics = listing({
  contract: metrics.list,
  table: 'tel_metrics',
  item,
  filters: { kind: 'text', q: saysCodeOrName },
});

const find = statement<JsonRow>(
  'metric.find',
  `select ${item} as json, t.version from tel_metrics t where t.id = $1::uuid`,
  { parse: parseJsonRow },
);

export const findMetric = async (db: Queryable, id: string): Promise<JsonRow | undefined> =>
  (await db.query(find, [id]))[0];

export interface NewMetric {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly unit: string | null;
  readonly kind: string;
  readonly expectedIntervalMs: number | null;
}

// No workspace: a metric is what devices of all workspaces have in common.
const insert = statement<JsonRow>(
  'metric.insert',
  `with ${numberOf('metric')}
   insert into tel_metrics as t
     (tenant_id, organization_id, id, code, name, unit, kind, expected_interval_ms, metric_no)
   select $1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::int, numbered.last_no::int from numbered
   returning ${item} as json, t.version`,
  { parse: parseJsonRow },
);

/** The transaction's last statement: the number is the tenant's, and others wait for it. */
export const insertMetric = async (tx: Tx, row: NewMetric): Promise<JsonRow | undefined> =>
  (
    await tx.query(insert, [
      row.tenantId,
      row.organizationId,
      row.id,
      row.code,
      row.name,
      row.unit,
      row.kind,
      row.expectedIntervalMs,
    ])
  )[0];

/** Columns to change, under their own names; absent ones stay. */
export interface MetricPatch {
  readonly code?: string;
  readonly name?: string;
  readonly unit?: string | null;
  readonly expected_interval_ms?: number | null;
}

const update = statement<ChangeRow>(
  'metric.update',
  `with found as (select t.id, t.version from tel_metrics t where t.id = $1::uuid),
   changed as (
     update tel_metrics t
     set (code, name, unit, expected_interval_ms) =
         (select n.code, n.name, n.unit, n.expected_interval_ms from jsonb_populate_record(t, $3::jsonb) n),
       version = t.version + 1, updated_at = now()
     where t.id = $1::uuid and ($2::int is null or t.version = $2::int)
     returning ${item} as json, t.version
   )
   select found.version as version_before, changed.json, changed.version from found left join changed on true`,
  { parse: parseChangeRow },
);

export const updateMetric = async (
  db: Queryable,
  id: string,
  ifMatch: number | null,
  patch: MetricPatch,
): Promise<ChangeRow | undefined> => (await db.query(update, [id, ifMatch, JSON.stringify(patch)]))[0];
