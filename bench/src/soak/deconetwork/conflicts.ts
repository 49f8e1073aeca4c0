import { setTimeout as delay } from 'node:timers/promises';
import type { DecoNetworkSite, SiteOrder } from '@platen/deconetwork-site';
import { type DnConflictRule, dnConflictRules } from '@platen/schema/states/deconetwork';
import { PlatenError } from '@platen/sdk';
import type { Random } from '../random.js';
import { endingOf, followJob, synchronize } from './follow-job.js';
import { changeAtSite, draw, isOrdered, isUnpaid, paidUp, shippedWhole } from './site-changes.js';
import type { DnStage } from './stage.js';

export interface ConflictsOutcome {
  readonly broken: readonly string[];
  readonly figures: readonly string[];
  /** Orders that were changed here, or where both sides were: they need not be the site's. */
  readonly ours: ReadonlySet<string>;
}

/** One side of each conflict is here: a payment, or the beginning of production. */
type Field = 'paid' | 'status';
interface Rival {
  readonly dnId: string;
  readonly id: string;
  readonly field: Field;
  /** Of ours, before anything. */
  readonly was: string;
  /** Ours was told that it is so. */
  isOurs: boolean;
}

interface Scene {
  readonly stage: DnStage;
  readonly site: DecoNetworkSite;
  readonly connectionId: string;
  readonly random: Random;
}

/** For each rule: both sides change the same orders, before a synchronization and while it runs. */
export async function conflicts(scene: Scene): Promise<ConflictsOutcome> {
  const { stage, site, connectionId, random } = scene;
  const { client } = stage;
  const ids = await localIds(scene);
  const each = Math.max(2, Math.round(site.orders().length / 1_000));
  const broken: string[] = [];
  const figures: string[] = [];
  const ours = new Set<string>();
  for (const rule of dnConflictRules) {
    await client.erp.dn.connections.update({ id: connectionId, conflict_rule: rule });
    // As they are at the site by now, where others were shipped, cancelled and paid for under the rule before this one. In
    // the order of the site's numbers: the same seed picks the same.
    const free = site.orders().filter(({ id }) => !ours.has(id));
    const unpaid = free.filter((order) => isUnpaid(order) && !isOrdered(order));
    const ordered = free.filter(isOrdered);
    const toStart = Math.min(each, Math.floor(ordered.length / 6));
    const rival = async (order: SiteOrder, field: Field): Promise<Rival> => {
      const id = ids.get(order.id) ?? '';
      const { rows } = await stage.erp.query<{ was: string }>(stateSql[field], [id]);
      ours.add(order.id);
      return { dnId: order.id, id, field, was: rows[0]?.was ?? '', isOurs: false };
    };
    const before: Rival[] = [];
    for (const order of draw(random, unpaid, each)) before.push(await rival(order, 'paid'));
    for (const order of draw(random, ordered, toStart)) before.push(await rival(order, 'status'));
    const meanwhile: Rival[] = [];
    for (const order of draw(random, unpaid, each)) meanwhile.push(await rival(order, 'paid'));
    for (const order of draw(random, ordered, toStart)) meanwhile.push(await rival(order, 'status'));
    const onlyHere: Rival[] = [];
    for (const order of draw(random, unpaid, each)) onlyHere.push(await rival(order, 'paid'));
    const onlyThere = draw(random, [...site.orders()], Math.round(site.orders().length / 10)).filter(
      ({ id }) => !ours.has(id),
    );
    for (const each of [...before, ...onlyHere]) await changeHere(stage, each);
    for (const each of before) changeThere(site, each);
    changeAtSite(site, random, onlyThere);
    const racing = meanwhile.flatMap((each) => [
      async () => changeHereUnlessTooLate(stage, each),
      async () => changeThere(site, each),
    ]);
    const moves = draw(random, racing, racing.length);
    const { id: jobId } = await client.erp.dn.sync.start({ connection_id: connectionId });
    const first = await followJob(stage, jobId, { onPoll: async () => moves.shift()?.() });
    for (const move of moves) {
      await move();
      await delay(10);
    }
    const second = await synchronize(stage, connectionId);
    broken.push(...endingOf(`sync by the rule ${rule}`, first, { review: rule === 'review' }));
    broken.push(...endingOf(`second sync by the rule ${rule}`, second, { review: rule === 'review' }));
    const jobs = [first.job.id, second.job.id];
    for (const each of [...before, ...meanwhile]) broken.push(...(await verdict(stage, rule, each, jobs)));
    for (const each of onlyHere) {
      if (Number(await stateOf(stage, each)) !== Number(each.was) + 1)
        broken.push(`${each.dnId} was paid here alone, and is ${await stateOf(stage, each)}`);
    }
    const raced = meanwhile.filter(({ isOurs }) => isOurs).length;
    const { created, updated, review, unchanged } = first.job.counts;
    figures.push(
      `rule ${rule}: ${before.length} conflicts laid, ${raced} of ${meanwhile.length} more while it ran; ${created} created, ${updated} updated, ${review} for review, ${unchanged} unchanged`,
    );
  }
  return { broken, figures, ours };
}

async function localIds({ stage, connectionId }: Scene): Promise<Map<string, string>> {
  const { rows } = await stage.erp.query<{ dn_id: string; local_id: string }>(
    `select dn_id, local_id from dn_maps where connection_id = $1 and kind = 'order' and state = 'mapped'`,
    [connectionId],
  );
  return new Map(rows.map((row) => [row.dn_id, row.local_id]));
}

const stateSql: Record<Field, string> = {
  paid: `select coalesce(sum(case kind when 'refund' then -amount else amount end), 0)::numeric(14, 4)::text as was
    from erp_order_payments where order_id = $1`,
  status: 'select status as was from erp_orders where id = $1',
};
async function stateOf({ erp }: DnStage, { field, id }: Rival): Promise<string> {
  const { rows } = await erp.query<{ was: string }>(stateSql[field], [id]);
  return rows[0]?.was ?? '';
}

async function changeHere({ client }: DnStage, rival: Rival): Promise<void> {
  const { id, field } = rival;
  if (field === 'status') await client.erp.orders.start({ id, allow_short: true });
  else {
    const { total } = await client.erp.orders.get({ id });
    const amount = { ...total, amount: '1.00' };
    await client.erp.orderPayments.create({ id, kind: 'payment', method: 'cash', amount });
  }
  rival.isOurs = true;
}

/** What is refused once the site's word is here: nothing is left to be paid, the order is shipped. */
const tooLate: Record<Field, string> = { paid: 'payment_exceeds_balance', status: 'illegal_transition' };

/** Only while a synchronization runs may the site's word come first. */
async function changeHereUnlessTooLate(stage: DnStage, rival: Rival): Promise<void> {
  try {
    await changeHere(stage, rival);
  } catch (error) {
    if (!(error instanceof PlatenError && error.code === tooLate[rival.field])) throw error;
  }
}

const changeThere = (site: DecoNetworkSite, { dnId, field }: Rival): void => {
  site.changeOrder(dnId, field === 'paid' ? paidUp : shippedWhole(site.order(dnId)));
};

interface ConflictRow {
  readonly outcome: string;
  readonly code: string | null;
  readonly loser: Readonly<Record<string, unknown>> | null;
}

/** Whose value stands, and where the other one is. */
async function verdict(
  stage: DnStage,
  rule: DnConflictRule,
  rival: Rival,
  jobs: readonly string[],
): Promise<readonly string[]> {
  const { dnId, field, was } = rival;
  const { rows } = await stage.erp.query<{ theirs: string }>(
    `select case $2 when 'status' then 'shipped' else o.total::numeric(14, 4)::text end as theirs from erp_orders o where id = $1`,
    [rival.id, field],
  );
  const theirs = rows[0]?.theirs ?? '';
  const ours = field === 'status' ? 'in_production' : (Number(was) + 1).toFixed(4);
  const is = await stateOf(stage, rival);
  const said = await stage.erp.query<ConflictRow>(
    `select outcome, error ->> 'code' as code, loser from dn_import_job_rows
     where kind = 'order' and dn_id = $1 and job_id = any($2) and loser is not null`,
    [dnId, jobs],
  );
  const name = `${dnId}, ${field}, rule ${rule}`;
  if (!rival.isOurs) return is === theirs ? [] : [`${name}: changed at the site alone to ${theirs}, and is ${is} here`];
  const [winner, loser] = rule === 'site' ? [theirs, ours] : [ours, theirs];
  const [row] = said.rows;
  const outcome = rule === 'review' ? 'review' : 'updated';
  const kept = String(row?.loser?.[field] ?? '');
  return [
    ...(is === winner ? [] : [`${name}: ${winner} was to stand, ${is} does`]),
    ...(row ? [] : [`${name}: no row says so`]),
    ...(row && row.outcome !== outcome ? [`${name}: its row says ${row.outcome}`] : []),
    ...(row && rule === 'review' && row.code !== 'conflict' ? [`${name}: waits for ${row.code}`] : []),
    ...(row && !isSameValue(kept, loser) ? [`${name}: the loser ${loser} is kept as ${kept}`] : []),
  ];
}

const isSameValue = (a: string, b: string): boolean => a === b || (a !== '' && Number(a) === Number(b));
