import { dayMs } from '@platen/chassis/durations';
import { AppError, invalidField } from '@platen/chassis/http/app-error';
import {
  type AlertRuleDraft,
  type Backtest,
  maxBacktestAlerts,
  maxBacktestDays,
  maxBacktestDevices,
  maxBacktestReadings,
} from '@platen/schema/contracts/data/telemetry-alert-rules';
import type { TenantCtx } from '../../module.js';
import * as repo from './backtest-repo.js';
import { requireTerms, type StoredTerms, termsOf } from './judge-terms.js';
import { type AlertEffect, type AlertTerms, beginAt, step } from './machine.js';
import { readRule } from './rules-repo.js';
import { requireKnown } from './rules-service.js';

export interface Span {
  readonly from: string;
  readonly to: string;
}

export interface Backtester {
  ofRule(ctx: TenantCtx, ruleId: string, span: Span): Promise<Backtest>;
  ofDraft(ctx: TenantCtx, draft: AlertRuleDraft, span: Span): Promise<Backtest>;
}

/** Some 1.5 MB, and a pause for others between two. */
const readingsOfPage = 10_000;

export const createBacktester = (pageSize: number = readingsOfPage): Backtester => ({
  async ofRule(ctx, ruleId, span) {
    const rule = await readRule(ctx.db, ruleId);
    if (rule === undefined) throw new AppError('not_found');
    return backtest(ctx, rule, spanOf(ctx, span), pageSize);
  },

  async ofDraft(ctx, draft, span) {
    if (ctx.organizationId === null) throw new AppError('context_required');
    const rule = {
      metric_id: draft.metric_id,
      device_id: draft.device_id ?? null,
      workspace_id: ctx.workspaceId,
      condition: draft.condition,
      threshold: draft.threshold ?? null,
      clear_threshold: draft.clear_threshold ?? null,
      duration_seconds: draft.duration_seconds ?? 0,
    };
    requireTerms(rule, '/body/rule');
    const within = spanOf(ctx, span);
    await requireKnown(ctx.db, rule, '/body/rule');
    return backtest(ctx, rule, within, pageSize);
  },
});

interface TestedRule extends StoredTerms {
  readonly metric_id: string;
  readonly device_id: string | null;
  readonly workspace_id: string | null;
}
interface Within {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf(ctx: TenantCtx, { from, to }: Span): Within {
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  // The pattern of a time lets some pass that are none.
  const refused = (field: string, message: string) => invalidField(`/body/${field}`, message);
  if (Number.isNaN(fromMs)) throw refused('from', 'is no time');
  if (Number.isNaN(toMs) || toMs <= fromMs) throw refused('to', 'is not later than from');
  if (toMs - fromMs > maxBacktestDays * dayMs) throw refused('to', `is more than ${maxBacktestDays} days after from`);
  return { fromMs, toMs: Math.max(fromMs, Math.min(toMs, ctx.now().getTime())) };
}

async function backtest(ctx: TenantCtx, rule: TestedRule, asked: Within, pageSize: number): Promise<Backtest> {
  const measured = await repo.findMeasured(ctx.db, rule.metric_id);
  if (measured === undefined) throw new AppError('not_found');
  const { metric_no: metricNo, raw_days: rawDays } = measured;
  const keptFromMs = ctx.now().getTime() - rawDays * dayMs;
  const fromMs = Math.min(Math.max(asked.fromMs, keptFromMs), asked.toMs);
  const within = { fromMs, toMs: asked.toMs };
  const devices = await repo.listTested(ctx.db, metricNo, rule, maxBacktestDevices + 1);
  if (devices.length > maxBacktestDevices) throw tooMuch(`More than ${maxBacktestDevices} devices: name one`);
  const numbers = devices.map(({ device_no }) => device_no);
  const [from, to] = [new Date(fromMs), new Date(within.toMs)];
  const expected = await repo.countReadings(ctx.db.leased, numbers, metricNo, from, to);
  if (expected > maxBacktestReadings) throw tooManyReadings();
  const told: Told = { readings: 0, count: 0, alertMs: 0, alerts: [] };
  for (const device of devices) {
    await testDevice(ctx, { terms: termsOf(rule), metricNo, within, pageSize }, device, told);
  }
  return {
    looked_from: from.toISOString(),
    looked_to: to.toISOString(),
    readings: told.readings,
    devices: devices.length,
    count: told.count,
    minutes_in_alert: Math.round(told.alertMs / 600) / 100,
    alerts: told.alerts,
  };
}

const tooMuch = (detail: string): AppError => new AppError('quantity_exceeded', detail);
const tooManyReadings = (): AppError =>
  tooMuch(`More than ${maxBacktestReadings} readings: take a shorter time, or name a device`);

interface Told {
  readings: number;
  count: number;
  alertMs: number;
  readonly alerts: Backtest['alerts'];
}
interface Test {
  readonly terms: AlertTerms;
  readonly metricNo: number;
  readonly within: Within;
  readonly pageSize: number;
}

/** The same steps as live, page by page: nothing but the open alert is kept of a page. */
async function testDevice(ctx: TenantCtx, test: Test, device: repo.TestedDevice, told: Told): Promise<void> {
  const { terms, metricNo, within, pageSize } = test;
  let state = beginAt(within.fromMs);
  let open: Extract<AlertEffect, { kind: 'raised' }> | null = null;
  const note = (effects: readonly AlertEffect[]) => {
    for (const effect of effects) {
      if (effect.kind === 'resolved' && open !== null) {
        tellAlert(told, device, open, { untilMs: effect.atMs, isOver: true, peak: effect.peak });
      }
      open = effect.kind === 'raised' ? effect : null;
    }
  };
  const to = new Date(within.toMs);
  let page: readonly repo.TestedReading[];
  let afterMs = within.fromMs;
  do {
    page = await repo.listPage(ctx.db.leased, device.device_no, metricNo, { after: new Date(afterMs), to }, pageSize);
    told.readings += page.length;
    if (told.readings > maxBacktestReadings) throw tooManyReadings();
    for (const { ts_ms: atMs, value } of page) {
      const next = step(terms, state, { kind: 'reading', atMs, value });
      state = next.state;
      note(next.effects);
    }
    afterMs = page.at(-1)?.ts_ms ?? afterMs;
  } while (page.length === pageSize);
  const last = step(terms, state, { kind: 'tick', atMs: within.toMs });
  note(last.effects);
  if (open !== null) tellAlert(told, device, open, { untilMs: within.toMs, isOver: false, peak: last.state.peak });
}

function tellAlert(
  told: Told,
  { id, code }: repo.TestedDevice,
  raised: Extract<AlertEffect, { kind: 'raised' }>,
  end: { readonly untilMs: number; readonly isOver: boolean; readonly peak: number | null },
): void {
  told.count += 1;
  told.alertMs += end.untilMs - raised.atMs;
  if (told.alerts.length >= maxBacktestAlerts) return;
  told.alerts.push({
    device: { id, code },
    raised_at: new Date(raised.atMs).toISOString(),
    resolved_at: end.isOver ? new Date(end.untilMs).toISOString() : null,
    value: raised.value,
    peak: end.peak,
  });
}
