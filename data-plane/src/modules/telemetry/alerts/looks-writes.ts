import { statement } from '@platen/chassis/db/statement';
import type { Tx } from '@platen/chassis/db/types';
import type { WorkCtx } from '../../module.js';
import { parseAlert, returnsAlert, tellAlert, type WrittenAlert } from './alert-json.js';
import type { Look } from './looks-repo.js';
import type { AlertEffect, AlertState } from './machine.js';

/** What a look came to. */
export interface Looked {
  readonly look: Look;
  readonly state: AlertState;
  readonly effects: readonly AlertEffect[];
}

const upsertStates = statement<never>(
  'telemetry_alerts.put_states',
  `insert into tel_alert_states (tenant_id, organization_id, workspace_id, rule_id, device_id, phase, since, looked_until, peak)
   select $1::uuid, $2::uuid, n.* from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[],
     $8::timestamptz[], $9::float8[]) n
   on conflict (tenant_id, organization_id, rule_id, device_id) do update set
     phase = excluded.phase, since = excluded.since, looked_until = excluded.looked_until, peak = excluded.peak,
     updated_at = now()`,
);

const insertAlert = statement<WrittenAlert>(
  'telemetry_alerts.raise',
  `insert into tel_alerts as t (tenant_id, organization_id, workspace_id, id, rule_id, device_id, severity, raised_at, value)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, $7, $8::timestamptz, $9::float8) ${returnsAlert}`,
  { parse: parseAlert },
);

const resolveAlert = statement<WrittenAlert>(
  'telemetry_alerts.clear',
  `update tel_alerts t set status = 'resolved', resolution = 'cleared', resolved_at = $3::timestamptz, peak = $4::float8,
     version = t.version + 1, updated_at = now()
   where t.rule_id = $1::uuid and t.device_id = $2::uuid and t.status <> 'resolved' ${returnsAlert}`,
  { parse: parseAlert },
);

/** States, alerts and what is told of them: all of it, or none. The statements travel together, in this order. */
export async function writeLooked(tx: Tx, ctx: WorkCtx, looked: readonly Looked[]): Promise<void> {
  const writing = looked.flatMap(({ look, effects }) => effects.map((effect) => writeEffect(tx, ctx, look, effect)));
  // One that was ended by hand is not there to be resolved, and was told of.
  for (const { type, written } of await Promise.all(writing)) {
    for (const alert of written) tellAlert(tx, ctx, type, alert);
  }
  const at = (pick: (state: AlertState) => number) => looked.map(({ state }) => new Date(pick(state)).toISOString());
  tx.defer(upsertStates, [
    ctx.tenant.id,
    ctx.organizationId,
    looked.map(({ look }) => look.workspace_id),
    looked.map(({ look }) => look.rule_id),
    looked.map(({ look }) => look.device_id),
    looked.map(({ state }) => state.phase),
    at(({ sinceMs }) => sinceMs),
    at(({ lookedUntilMs }) => lookedUntilMs),
    looked.map(({ state }) => state.peak),
  ]);
}

async function writeEffect(tx: Tx, ctx: WorkCtx, look: Look, effect: AlertEffect) {
  const at = new Date(effect.atMs);
  if (effect.kind === 'resolved') {
    const written = await tx.query(resolveAlert, [look.rule_id, look.device_id, at, effect.peak]);
    return { type: 'telemetry.alert.resolved', written } as const;
  }
  const written = await tx.query(insertAlert, [
    ctx.tenant.id,
    ctx.organizationId,
    look.workspace_id,
    ctx.newId(),
    look.rule_id,
    look.device_id,
    look.severity,
    at,
    effect.value,
  ]);
  return { type: 'telemetry.alert.raised', written } as const;
}

const resolveDisabled = statement<WrittenAlert>(
  'telemetry_alerts.end_disabled',
  `update tel_alerts t set status = 'resolved', resolution = 'device_disabled', resolved_at = greatest($1::timestamptz, t.raised_at),
     peak = (select s.peak from tel_alert_states s where s.rule_id = t.rule_id and s.device_id = t.device_id),
     version = t.version + 1, updated_at = now()
   where t.status <> 'resolved' and (t.device_id in (select d.id from tel_devices d where d.status = 'disabled')) is true
   ${returnsAlert}`,
  { parse: parseAlert },
);
const clearDisabled = statement<never>(
  'telemetry_alerts.clear_disabled',
  `update tel_alert_states s set phase = 'clear', since = s.looked_until, peak = null, updated_at = now()
   where s.phase <> 'clear' and (s.device_id in (select d.id from tel_devices d where d.status = 'disabled')) is true`,
);

/** A device that is disabled sends nothing that could end its alerts. Under the organization's lock. */
export async function endDisabled(tx: Tx, ctx: WorkCtx): Promise<void> {
  for (const alert of await tx.query(resolveDisabled, [ctx.now()])) {
    tellAlert(tx, ctx, 'telemetry.alert.resolved', alert);
  }
  tx.defer(clearDisabled);
}
