import type { Random } from '../random.js';
import { endingOf, followJob, type ImportJob, randomKills } from './follow-job.js';
import type { DnStage } from './stage.js';
import { type BusinessRows, differingRows, readBusinessRows, type TableRow } from './tables.js';

export interface UndoOutcome {
  readonly broken: readonly string[];
  readonly figures: readonly string[];
  readonly kills: readonly string[];
  readonly refused: number;
}

/** Everything that jobs of the connection did, the newest first, with workers killed in the middle of the largest. */
export async function undoAll(
  stage: DnStage,
  connectionId: string,
  before: BusinessRows,
  { random, kills, ours }: { readonly random: Random; readonly kills: number; readonly ours: ReadonlySet<string> },
): Promise<UndoOutcome> {
  const jobs: ImportJob[] = [];
  for await (const job of stage.client.erp.dn.importJobs.list.items({ connection_id: connectionId, limit: 100 })) {
    const { task, dry_run: isDry, counts } = job;
    const did = counts.created + counts.updated > 0;
    if ((task === 'import' || task === 'sync') && !isDry && did) jobs.push(job);
  }
  const broken: string[] = [];
  const figures: string[] = [];
  const killed: string[] = [];
  for (const job of jobs) {
    const { id } = await stage.client.erp.dn.importJobs.undo({ id: job.id });
    const isImport = job.task === 'import';
    const followed = await followJob(stage, id, { kills: isImport ? randomKills(random, kills, 'in SQL') : [] });
    broken.push(...endingOf(`undo of the ${job.task}`, followed));
    killed.push(...followed.kills);
    const { undone, refused } = followed.job.counts;
    const { created, updated } = job.counts;
    figures.push(`${job.task} of ${created} created, ${updated} updated: ${undone} undone, ${refused} refused`);
  }
  const reasons = await refusals(stage, connectionId);
  broken.push(...reasons.filter(({ code }) => code === null).map(({ n }) => `${n} refusals have no reason`));
  broken.push(...(await unseen(stage, connectionId)));
  broken.push(...(await groundless(stage, connectionId, ours)));
  broken.push(...(await leftBehind(stage, connectionId, before)));
  return {
    broken,
    figures: [
      ...figures,
      `refused: ${reasons.map(({ kind, code, n }) => `${n} ${kind} ${code}`).join(', ') || 'none'}`,
    ],
    kills: killed,
    refused: reasons.reduce((sum, { n }) => sum + n, 0),
  };
}

async function refusals({ erp }: DnStage, connectionId: string) {
  const { rows } = await erp.query<{ kind: string; code: string | null; n: number }>(
    `select r.kind, r.error ->> 'code' as code, count(*)::int as n
     from dn_import_job_rows r join dn_import_jobs i on i.id = r.job_id
     where i.connection_id = $1 and i.task = 'undo' and r.outcome = 'refused' group by 1, 2 order by 3 desc`,
    [connectionId],
  );
  return rows;
}

/** Orders that are said to have been changed here since, and were not; `ours`: those that were. */
async function groundless({ erp }: DnStage, connectionId: string, ours: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await erp.query<{ dn_id: string; message: string }>(
    `select r.dn_id, r.error ->> 'message' as message from dn_import_job_rows r join dn_import_jobs i on i.id = r.job_id
     where i.connection_id = $1 and i.task = 'undo' and r.kind = 'order' and r.error ->> 'code' = 'changed_since'`,
    [connectionId],
  );
  return rows.flatMap(({ dn_id: dnId, message }) =>
    ours.has(dnId) ? [] : [`${dnId} was not changed here: ${message}`],
  );
}

/** Each row of an import or a sync that did something has one of an undo, of the same record. */
async function unseen({ erp }: DnStage, connectionId: string): Promise<string[]> {
  const { rows } = await erp.query<{ kind: string; dn_id: string }>(
    `select r.kind, r.dn_id from dn_import_job_rows r join dn_import_jobs i on i.id = r.job_id
     where i.connection_id = $1 and i.task in ('import', 'sync') and not i.dry_run and r.outcome in ('created', 'updated')
       and not exists (select from dn_import_jobs u join dn_import_job_rows s on s.job_id = u.id
         where u.of_job_id = i.id and u.task = 'undo' and s.kind = r.kind and s.dn_id = r.dn_id)`,
    [connectionId],
  );
  return rows.map(({ kind, dn_id: dnId }) => `${kind} ${dnId} was neither undone nor refused`);
}

/** What is not as it was before, but for records of which a row says why they stay, and for what is theirs. */
async function leftBehind(stage: DnStage, connectionId: string, before: BusinessRows): Promise<string[]> {
  const { erp } = stage;
  const { rows } = await erp.query<{ id: string }>(
    `select distinct r.local_id as id from dn_import_job_rows r join dn_import_jobs i on i.id = r.job_id
     where i.connection_id = $1 and i.task = 'undo' and r.outcome = 'refused'`,
    [connectionId],
  );
  const stays = new Set(rows.map(({ id }) => id));
  const differing = differingRows(before, await readBusinessRows(erp));
  // Lines belong to orders, sizes to lines, variants to products: as long as something new is found.
  const theirs = new Set(stays);
  const isTheirs = ({ table, cells }: TableRow) =>
    heads.has(table) ? stays.has(String(cells['id'])) : Object.values(cells).some((cell) => theirs.has(String(cell)));
  for (let known = -1; known < theirs.size; ) {
    known = theirs.size;
    for (const row of differing) if (isTheirs(row) && row.cells['id']) theirs.add(String(row.cells['id']));
  }
  const left = differing.filter((row) => !isTheirs(row));
  const mapped = await erp.query<{ kind: string; dn_id: string }>(
    `select kind, dn_id from dn_maps where connection_id = $1 and state = 'mapped' and kind in ('order', 'customer', 'product')
     and local_id <> all($2::uuid[])`,
    [connectionId, [...stays]],
  );
  return [
    ...left.map(({ table, cells }) => `${table} is not as it was: ${JSON.stringify(cells).slice(0, 300)}`),
    ...mapped.rows.map(({ kind, dn_id: dnId }) => `${kind} ${dnId} is mapped still`),
  ];
}

const heads = new Set(['erp_orders', 'erp_customers', 'erp_products']);
