import { setTimeout as delay } from 'node:timers/promises';
import type { DecoNetworkSite } from '@platen/deconetwork-site';
import type { Random } from '../random.js';
import { endLease } from './follow-job.js';
import { draw, isOrdered } from './site-changes.js';
import type { DnStage } from './stage.js';

const endpoint = 'manage_orders/update_order_status';
const patienceMs = 120_000;

export interface WriteBackOutcome {
  readonly broken: readonly string[];
  readonly figures: readonly string[];
  readonly ours: ReadonlySet<string>;
}

/**
 * Orders become ready here and the site is told. Of each but the last the worker is killed when the site has it and nobody
 * here knows: it has not answered yet, or its answer is on the way.
 */
export async function writeBack(scene: {
  readonly stage: DnStage;
  readonly site: DecoNetworkSite;
  readonly connectionId: string;
  readonly random: Random;
  readonly kills: number;
  readonly but: ReadonlySet<string>;
}): Promise<WriteBackOutcome> {
  const { stage, site, connectionId, random, kills, but } = scene;
  const { erp, client, worker } = stage;
  await client.erp.dn.connections.update({ id: connectionId, write_back: { status: true } });
  const { rows } = await erp.query<{ dn_id: string; local_id: string }>(
    `select m.dn_id, m.local_id from dn_maps m join erp_orders o on o.id = m.local_id
     where m.connection_id = $1 and m.kind = 'order' and m.state = 'mapped' and o.status = 'confirmed' order by m.dn_id`,
    [connectionId],
  );
  const free = rows.filter(({ dn_id: dnId }) => !but.has(dnId) && isOrdered(site.order(dnId)));
  const chosen = draw(random, free, kills + 1);
  const broken: string[] = chosen.length < kills + 1 ? [`only ${chosen.length} orders are to be made`] : [];
  for (const [index, { dn_id: dnId, local_id: id }] of chosen.entries()) {
    const isKilled = index < kills;
    if (isKilled) site.failNext(index % 2 === 0 ? { kind: 'hang' } : { kind: 'slow', delayMs: 1_000 }, { endpoint });
    await client.erp.orders.start({ id, allow_short: true });
    await client.erp.orders.ready({ id, allow_short: true });
    if (isKilled) {
      const has = () =>
        site.log.calls.some((call) => call.endpoint === endpoint && call.parameters['order_id'] === dnId);
      await until(`the site hears of ${dnId}`, async () => has());
      await worker.kill();
      const open = await erp.query<{ id: string }>(
        `select id from erp_jobs where kind = 'dn_sync' and status = 'running' and payload ->> 'task' = 'write'`,
      );
      if (open.rows.length === 0) broken.push(`${dnId}: no write was under way when the worker was killed`);
      for (const job of open.rows) await endLease(stage, job.id);
      await worker.start();
    }
    await until(`the write of ${dnId} is done`, async () => (await callOf(erp, id))?.state === 'done');
    broken.push(...(await faultsOf(scene, dnId, id, isKilled)));
  }
  const told = site.state.statusWrites.length;
  if (site.state.mails.length > 0) broken.push(`${site.state.mails.length} customers were written to by the site`);
  return {
    broken,
    figures: [`${chosen.length} orders told, the worker killed in ${kills} of the calls; the site heard ${told} times`],
    ours: new Set(chosen.map(({ dn_id: dnId }) => dnId)),
  };
}

async function faultsOf(
  { stage, site }: Parameters<typeof writeBack>[0],
  dnId: string,
  id: string,
  isKilled: boolean,
): Promise<string[]> {
  const call = await callOf(stage.erp, id);
  const heard = site.state.statusWrites.filter(({ orderId }) => orderId === dnId);
  const changed = heard.filter((write) => write.changed).length;
  return [
    ...(changed === 1 ? [] : [`${dnId} was changed ${changed} times at the site`]),
    ...(heard.every((write) => write.contactCustomer === false) ? [] : [`${dnId}: a customer was to be written to`]),
    ...(isKilled && heard.length < 2 ? [`${dnId} was not told again after its worker was killed`] : []),
    ...(isKilled && (call?.attempts ?? 0) < 2 ? [`${dnId}: ${call?.attempts} attempts are recorded`] : []),
    ...(call?.code === 10_001 ? [] : [`${dnId}: the answer is recorded as ${call?.code}`]),
    ...(site.order(dnId).status === 2 ? [] : [`${dnId} is ${site.order(dnId).status} at the site`]),
  ];
}

async function callOf(erp: DnStage['erp'], localId: string) {
  const { rows } = await erp.query<{ state: string; attempts: number; code: number | null }>(
    `select state, attempts, (response ->> 'code')::int as code from dn_calls where local_id = $1 order by id desc`,
    [localId],
  );
  return rows[0];
}

async function until(what: string, is: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + patienceMs; !(await is()); await delay(10)) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${patienceMs / 1_000} s`);
  }
}
