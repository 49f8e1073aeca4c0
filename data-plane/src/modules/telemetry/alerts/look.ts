import type { Tx } from '@platen/chassis/db/types';
import type { OrganizationCtx } from '../each-organization.js';
import { termsOf } from './judge-terms.js';
import * as repo from './looks-repo.js';
import { endDisabled, type Looked, writeLooked } from './looks-writes.js';
import { type AlertEffect, type AlertInput, type AlertState, beginAt, step } from './machine.js';
import { lockLooks } from './watched-organizations.js';

export interface LookLimits {
  /** Rules at devices, in one transaction. */
  readonly looks: number;
  /** Readings of each. */
  readonly readings: number;
}
const usualLimits: LookLimits = { looks: 200, readings: 500 };
/** A device's clock may be ahead of ours by so much and is looked at at once; what is later is, when it is time. */
const aheadMs = 5 * 60_000;

/** What has come of these series, or of all, and what was silent for too long: until there is nothing more to look at. */
export async function lookAtSeries(
  ctx: OrganizationCtx,
  series: readonly repo.Series[],
  limits: LookLimits = usualLimits,
): Promise<void> {
  while (await inPages(ctx, (tx) => lookAtValues(tx, ctx, limits, series)));
  while (await inPages(ctx, (tx) => lookAtLife(tx, ctx, limits, repo.listBack(tx, limits.looks, series))));
}

export async function lookAtAll(ctx: OrganizationCtx, limits: LookLimits = usualLimits): Promise<void> {
  await inPages(ctx, async (tx) => {
    await endDisabled(tx, ctx);
    return false;
  });
  while (await inPages(ctx, (tx) => lookAtValues(tx, ctx, limits, null)));
  while (await inPages(ctx, (tx) => lookAtLife(tx, ctx, limits, repo.listSilences(tx, ctx.now(), limits.looks))));
}

/** A page is a transaction of its own: whoever waits for the organization gets his turn between two. */
const inPages = (ctx: OrganizationCtx, page: (tx: Tx) => Promise<boolean>): Promise<boolean> =>
  ctx.db.transaction(async (tx) => {
    await lockLooks(tx, ctx.organizationId);
    return page(tx);
  });

/** Whether there may be more. */
async function lookAtValues(
  tx: Tx,
  ctx: OrganizationCtx,
  limits: LookLimits,
  series: readonly repo.Series[] | null,
): Promise<boolean> {
  const until = new Date(ctx.now().getTime() + aheadMs);
  const looks = await repo.listBehind(tx, until, limits.looks, series);
  if (looks.length === 0) return false;
  const states = looks.map(stateOf);
  const asked = looks.map(({ device_no, metric_no }, n) => ({
    deviceNo: device_no,
    metricNo: metric_no,
    afterMs: states[n]?.lookedUntilMs ?? 0,
  }));
  const readings = await repo.listReadingsAfter(tx, asked, until, limits.readings);
  const inputs = looks.map((): AlertInput[] => []);
  for (const { n, ts_ms: atMs, value } of readings) inputs[n - 1]?.push({ kind: 'reading', atMs, value });
  const looked = looks.map((look, n) => {
    const own = inputs[n] ?? [];
    const done = fold(look, states[n] ?? stateOf(look), own);
    return own.length < limits.readings ? { ...done, state: caughtUp(done.state, look) } : done;
  });
  await writeLooked(tx, ctx, looked);
  return looks.length === limits.looks || looked.some((_, n) => inputs[n]?.length === limits.readings);
}

/** The newest reading may be gone from the raw ones by now, and would be looked for without end. */
const caughtUp = (state: AlertState, { newest_ms }: repo.Look): AlertState => ({
  ...state,
  lookedUntilMs: Math.max(state.lookedUntilMs, newest_ms ?? 0),
});

async function lookAtLife(
  tx: Tx,
  ctx: OrganizationCtx,
  limits: LookLimits,
  listing: Promise<repo.Look[]>,
): Promise<boolean> {
  const looks = await listing;
  if (looks.length === 0) return false;
  const nowMs = ctx.now().getTime();
  const looked = looks.map((look) => {
    const life: AlertInput[] = look.newest_ms === null ? [] : [{ kind: 'sign_of_life', atMs: look.newest_ms }];
    return fold(look, stateOf(look), [...life, { kind: 'tick', atMs: nowMs }]);
  });
  await writeLooked(tx, ctx, looked);
  return looks.length === limits.looks;
}

/** What was before the rule stood as it does is none of its business, whatever was looked at then. */
function stateOf({ phase, since_ms, looked_ms, peak, watched_ms }: repo.Look): AlertState {
  if (phase === null || since_ms === null || looked_ms === null || looked_ms < watched_ms) return beginAt(watched_ms);
  return { phase, sinceMs: since_ms, lookedUntilMs: looked_ms, peak };
}

function fold(look: repo.Look, begin: AlertState, inputs: readonly AlertInput[]): Looked {
  const terms = termsOf(look);
  const effects: AlertEffect[] = [];
  let state = begin;
  for (const input of inputs) {
    const next = step(terms, state, input);
    state = next.state;
    effects.push(...next.effects);
  }
  return { look, state, effects };
}
