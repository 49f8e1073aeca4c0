import { cpus, loadavg } from 'node:os';
import type { DecoNetworkSite, Habits } from '@platen/deconetwork-site';
import { connectSite } from '@platen/sdk/examples/import-deconetwork';
import { cpuOfProcess, cpuOfTree, peakResidentMb } from '../../measure/cpu.js';
import type { SoakOptions } from '../options.js';
import { recordOutcome, textOf } from '../outcome.js';
import { type Random, seededRandom } from '../random.js';
import { findSecrets } from './canaries.js';
import { conflicts } from './conflicts.js';
import { endingOf, followJob, randomKills, synchronize } from './follow-job.js';
import { differences, twice } from './same-as-site.js';
import { changeAtSite, draw } from './site-changes.js';
import { buildDnStage, type DnStage } from './stage.js';
import { differingTables, printTables, readBusinessRows } from './tables.js';
import { undoAll } from './undo.js';
import { writeBack } from './write-back.js';

const shownLines = 20;
type Say = (line: string) => void;

const faults: Partial<Habits> = {
  drift: { everyPages: 3, changed: 3, added: 2 },
  duplicates: { everyPages: 4 },
  warnings: { every: 5 },
  slow: { every: 6, delayMs: 150 },
  cut: { every: 7 },
  hang: { every: 23 },
  html: { every: 13, status: 503, page: 'maintenance' },
};
const noFaults: Partial<Habits> = Object.fromEntries(Object.keys(faults).map((name) => [name, null]));

/** Answers the exit code. */
export async function runDecoNetwork(options: SoakOptions, say: Say): Promise<number> {
  const stage = await buildDnStage(options.orders, options.seed);
  const onSignal = () => void stage.stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const broken: string[] = [];
  const figures: string[] = [];
  const run: Run = { stage, options, random: seededRandom(options.seed), say, broken, figures };
  const startedAtMs = performance.now();
  try {
    await shortWay(run);
    await longWay(run);
    await whatSitesSaw(run);
  } catch (error) {
    broken.push(textOf(error));
  } finally {
    if (broken.length > 0) say(`logs: ${stage.keepLogs()}`);
    await stage.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  recordOutcome({
    name: 'deconetwork',
    seconds: Math.round((performance.now() - startedAtMs) / 1_000),
    promises: [{ promise: 'what is here is what the site has, and undone as it was before', broken }],
    figures,
  });
  for (const line of broken.slice(0, shownLines)) say(`BROKEN: ${line}`);
  if (broken.length > shownLines) say(`BROKEN: ${broken.length - shownLines} more`);
  say(`${new Date().toISOString()} deconetwork: ${broken.length === 0 ? 'every promise kept' : 'promises broken'}`);
  return broken.length === 0 ? 0 : 1;
}

interface Run {
  readonly stage: DnStage;
  readonly options: SoakOptions;
  readonly random: Random;
  readonly say: Say;
  readonly broken: string[];
  readonly figures: string[];
}

/** Says how long a part took; what it answers as broken is broken. */
async function part(
  run: Run,
  name: string,
  work: () => Promise<{ broken?: readonly string[]; figures?: readonly string[] }>,
) {
  const startedAtMs = performance.now();
  const { broken = [], figures = [] } = await work();
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  run.say(`${name}: ${seconds} s${broken.length > 0 ? `, ${broken.length} BROKEN` : ''}`);
  for (const figure of figures) run.say(`  ${figure}`);
  run.figures.push(`${name}: ${[`${seconds} s`, ...figures].join(', ')}`);
  run.broken.push(...broken);
}

const connect = async ({ stage }: Run, { url, credentials }: DecoNetworkSite) =>
  (await connectSite(stage.client, { url, ...credentials })).id;

/** The site of the other habits, without anybody's changes here: undone, nothing of it is left. */
async function shortWay(run: Run): Promise<void> {
  const { stage, random } = run;
  const { otherSite } = stage;
  const before = await readBusinessRows(stage.erp);
  const connectionId = await connect(run, otherSite);
  await part(run, `other site, ${otherSite.orders().length} orders`, () => importAll(run, otherSite, connectionId, 1));
  await part(run, 'other site, second run', () => importAgain(run, otherSite, connectionId));
  await part(run, 'other site, undo', async () => {
    const undone = await undoAll(stage, connectionId, before, { random, kills: 1, ours: new Set() });
    const isWhole = undone.refused === 0;
    return { ...undone, broken: [...undone.broken, ...(isWhole ? [] : [`${undone.refused} were refused`])] };
  });
}

async function longWay(run: Run): Promise<void> {
  const { stage, random, options } = run;
  const { site } = stage;
  const before = await readBusinessRows(stage.erp);
  const connectionId = await connect(run, site);
  await part(run, `import of ${site.orders().length} orders`, () => importAll(run, site, connectionId, options.kills));
  await part(run, 'second run', () => importAgain(run, site, connectionId));
  const ours = new Set<string>();
  await part(run, 'changes on both sides', async () => {
    const outcome = await conflicts({ stage, site, connectionId, random });
    for (const id of outcome.ours) ours.add(id);
    const broken = [...outcome.broken, ...(await differences(stage, connectionId, site, ours))];
    return { ...outcome, broken };
  });
  await part(run, 'write-back', async () => {
    const outcome = await writeBack({ stage, site, connectionId, random, kills: 2, but: ours });
    for (const id of outcome.ours) ours.add(id);
    return outcome;
  });
  await part(run, 'undo', async () => {
    const undone = await undoAll(stage, connectionId, before, { random, kills: 1, ours });
    return { ...undone, figures: [...undone.figures, ...undone.kills.map((kill) => `killed at ${kill}`)] };
  });
}

/** A dry run, an import with all the faults, a synchronization without. */
async function importAll(run: Run, site: DecoNetworkSite, connectionId: string, kills: number) {
  const { stage, random, say } = run;
  const { platform, plane, client } = stage;
  site.setHabits(faults);
  const [callsBefore, startedAtMs] = [site.log.calls.length, performance.now()];
  const cpuBefore = { plane: cpuOfProcess(plane.pid), postgres: cpuOfTree(platform.postgresPid) };
  const { id } = await client.erp.dn.importJobs.create({ connection_id: connectionId });
  const changes = draw(random, [...site.orders()], Math.round(site.orders().length / 50));
  let polls = 0;
  const imported = await followJob(stage, id, {
    kills: randomKills(random, kills, kills > 1 ? 'by itself' : 'in SQL'),
    // People there work on while it is read.
    onPoll: async () => {
      polls += 1;
      if (polls % 10 === 0) changeAtSite(site, random, draw(random, changes, 1));
    },
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const planeSeconds = (cpuOfProcess(plane.pid) - cpuBefore.plane) / 1_000;
  const postgresSeconds = (cpuOfTree(platform.postgresPid) - cpuBefore.postgres) / 1_000;
  const workedSeconds = seconds - imported.waitedMs / 1_000;
  const { created } = imported.job.counts;
  const calls = site.log.calls.slice(callsBefore);
  const failed = calls.filter(({ outcome }) => outcome !== 'answered').length;
  site.setHabits(noFaults);
  const synced = await synchronize(stage, connectionId);
  for (const kill of imported.kills) say(`  killed at ${kill}`);
  return {
    broken: [
      ...endingOf('import', imported),
      ...endingOf('sync', synced),
      ...(imported.kills.length === kills ? [] : [`${imported.kills.length} of ${kills} kills came to pass`]),
      ...(await differences(stage, connectionId, site)),
      ...(await twice(stage, connectionId, site)),
    ],
    figures: [
      `${created} rows created in ${seconds.toFixed(1)} s, ${imported.attempts} attempts, ${(imported.waitedMs / 1_000).toFixed(1)} s of them without a worker; then ${synced.job.counts.created} created, ${synced.job.counts.updated} updated by a synchronization`,
      `${(orderCount(site) / workedSeconds).toFixed(0)} orders/s by the clock while there was one; ${(orderCount(site) / planeSeconds).toFixed(0)} a second of the plane's CPU (${planeSeconds.toFixed(1)} s), Postgres ${postgresSeconds.toFixed(1)} s`,
      `${calls.length} calls, ${failed} of them repeated for their faults; ${site.state.drifts.length} drifts of pages`,
      memory(stage),
    ],
  };
}

const orderCount = (site: DecoNetworkSite): number => site.orders().length;

const memory = ({ worker, plane }: DnStage): string =>
  `peak of a worker ${worker.peakMb().toFixed(0)} MB, of the plane ${(peakResidentMb(plane.pid) ?? 0).toFixed(0)} MB; ${worker.lives} workers so far`;

async function importAgain({ stage }: Run, site: DecoNetworkSite, connectionId: string) {
  const before = await printTables(stage.erp);
  const { id } = await stage.client.erp.dn.importJobs.create({ connection_id: connectionId });
  const again = await followJob(stage, id);
  const { created, updated, unchanged } = again.job.counts;
  const after = await printTables(stage.erp);
  return {
    broken: [
      ...endingOf('second run', again),
      ...(created + updated === 0 ? [] : [`a second run created ${created} and updated ${updated}`]),
      ...(unchanged === orderCount(site) ? [] : [`${unchanged} unchanged of ${orderCount(site)}`]),
      ...differingTables(before, after),
    ],
    figures: [`${unchanged} unchanged; ${after.size} tables are as they were`],
  };
}

async function whatSitesSaw(run: Run): Promise<void> {
  const { stage } = run;
  await part(run, 'secrets and calls', async () => {
    const secrets = await findSecrets(stage);
    const sites = [stage.site, stage.otherSite];
    return {
      broken: [
        ...secrets.broken,
        ...sites.flatMap(({ log }) => (log.maxInFlight === 1 ? [] : [`${log.maxInFlight} calls in flight at a site`])),
        ...sites.flatMap(({ log }) =>
          log.calls.some(({ credentialsInUrl }) => credentialsInUrl) ? ['credentials came in a URL'] : [],
        ),
      ],
      figures: [
        secrets.looked,
        `${sites.reduce((sum, { log }) => sum + log.calls.length, 0)} calls in all, one in flight at most`,
        memory(stage),
        `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`,
      ],
    };
  });
}
