import { testDatabase } from '@platen/chassis/testkit/database';
import { testFiles } from '@platen/data-plane/testkit/test-plane';
import { type Contract, listContracts } from '@platen/schema/contract';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { Test } from 'tap';
import type { DataContractName } from './contracts.js';
import { differenceOf, fingerprintOf } from './fingerprint.js';
import type { RawAnswer } from './http.js';
import { ask, type Caller, openPlane, switchOffForeignKeys, victimAt } from './isolation-planes.js';
import { fileTimeoutMs, seededErp } from './platform.js';
import { type DataSample, dataSamples } from './samples-data.js';
import { acme, acmePrint, acmePromo, globexMain, harbor, mainStreet } from './world.js';

const owner: Caller = { host: 'acme', tenant: 'acme', organization: acmePrint.id, workspace: mainStreet.id };

const theirs: Caller = { host: 'globex', tenant: 'globex', organization: globexMain.id, workspace: null };
/** What another tenant can get wrong, or try: its own token and host with foreign ids; the host; the token. */
export const strangers = {
  ids: theirs,
  host: { ...theirs, host: 'acme' },
  token: { ...owner, host: 'globex' },
} as const satisfies Record<string, Caller>;
type Stranger = keyof typeof strangers;
/** Foreign ids come with a token that fits its host, which the host rule has nothing against; and so on. */
const heldBy: Readonly<Record<'host' | 'router' | 'rows', readonly Stranger[]>> = {
  host: ['host', 'token'],
  router: ['ids', 'token'],
  rows: ['ids', 'host', 'token'],
};
/** The same tenant's, whom only row-level security holds off. */
const colleagues = {
  organization: { ...owner, organization: acmePromo.id, workspace: null },
  workspace: { ...owner, workspace: harbor.id },
} as const satisfies Record<string, Caller>;

/** Refers to no row, or names none that is in order: what it can reach is a host where it has no business. */
const refersToNothing: readonly string[] = [
  'erp.customers.create',
  'erp.suppliers.create',
  'erp.taxRates.create',
  'erp.stock.locations.create',
  'erp.stock.check',
  'erp.stock.repair',
  'erp.production.stages.create',
  // What an export shows is in its file, which exports.db.test.ts reads.
  'erp.exports.create',
  'erp.dn.connections.create',
  'telemetry.devices.create',
  'telemetry.metrics.create',
  // Of each organization its own, without an id that could be another's.
  'telemetry.retention.get',
  'telemetry.retention.update',
  // Of what is stored it answers a number: whose devices it takes is tested beside it (ingest.db.test).
  'telemetry.readings.write',
] satisfies DataContractName[];

/**
 * A wall of its own, which no test takes down: the link is made of the caller's tenant and organization; and who acts on
 * a connection is in its very workspace.
 */
const heldByItself: readonly string[] = [
  'erp.quotes.link',
  'erp.dn.connections.update',
  'erp.dn.connections.test',
  'erp.dn.connections.pause',
  'erp.dn.connections.resume',
  'erp.dn.connections.delete',
  'erp.dn.maps.update',
  'erp.dn.maps.confirm',
  'erp.dn.maps.suggest',
  'erp.dn.importJobs.create',
  'erp.dn.importJobs.retry',
  'erp.dn.importJobs.undo',
  'erp.dn.sync.start',
  'erp.dn.calls.retry',
  'erp.dn.calls.drop',
  'erp.dn.drift.start',
] satisfies DataContractName[];
const isReachable = ({ name }: Contract): boolean => !refersToNothing.includes(name) && !heldByItself.includes(name);

/** Where a stranger is to be refused, any success has reached the row: not every answer names it. */
const hasReached = ({ status, text }: RawAnswer, { ids, foreign }: DataSample): boolean =>
  status < 300 && ids.length > 0 && (!['unseen', 'own'].includes(foreign) || ids.some((id) => text.includes(id)));

/**
 * Links of customers name no user to keep out; what they are worth is tested with quotes. A stream has no end to wait for;
 * who gets what from it is tested beside it (streams.db.test).
 */
const namesRows = ({ access, events }: Contract): boolean => access !== 'public' && events === undefined;

const everybody = ({ ofWorkspace }: DataSample): Record<string, Caller> => {
  const { workspace, ...others } = colleagues;
  return { ...strangers, ...others, ...(ofWorkspace && { workspace }) };
};

/**
 * Each wall alone keeps a stranger out, for every chosen contract of the data plane; and with none of them he gets in, or
 * the test would prove nothing.
 */
export async function runIsolationTable(t: Test, isChosen: (contract: Contract) => boolean) {
  t.setTimeout(fileTimeoutMs);
  const { 'erp-1': acmeDatabase, 'erp-2': globexDatabase } = await seededErp(t);
  const [acmeTelemetry, globexTelemetry] = await Promise.all([
    testDatabase(t, 'telemetry'),
    testDatabase(t, 'telemetry'),
  ]);
  const databases = {
    acme: { erp: acmeDatabase, telemetry: acmeTelemetry },
    globex: { erp: globexDatabase, telemetry: globexTelemetry },
  };

  await Promise.all([acmeDatabase, globexDatabase, acmeTelemetry, globexTelemetry].map(switchOffForeignKeys));

  /** The bytes lie in one place too, whatever walls stand. */
  const files = testFiles(t);
  const none = { host: false, router: false, rows: false, organization: false };
  const planes = {
    whole: openPlane(t, databases, { host: true, router: true, rows: true, organization: true }, files),
    host: openPlane(t, databases, { ...none, host: true }, files),
    router: openPlane(t, databases, { ...none, router: true }, files),
    rows: openPlane(t, databases, { ...none, rows: true }, files),
    none: openPlane(t, databases, none, files),
  };
  const victim = victimAt(planes.whole, owner, databases.acme);

  // Whoever asks for stages first is given some, in an organization of its own: before rows are counted.
  const stages = dataContracts.erp.production.stages.list;
  await ask(planes.whole, stages, {}, colleagues.organization);
  for (const caller of Object.values(strangers)) await ask(planes.rows, stages, {}, caller);

  const make = ({ name }: Contract): Promise<DataSample> => dataSamples[name as DataContractName](victim);
  /** What controls were told that reached nothing: for whoever has to find out why. */
  const refusals = new Map<string, string>();
  const totals = { refused: 0, controls: 0 };
  const fingerprintOfAcme = async (): Promise<string> =>
    (await Promise.all([acmeDatabase, acmeTelemetry].map((each) => fingerprintOf(each, acme.id)))).join('\n');

  for (const contract of listContracts(dataContracts).filter(namesRows).filter(isChosen)) {
    t.test(contract.name, async (t) => {
      const sample = await make(contract);
      const before = await fingerprintOfAcme();
      const reached: string[] = [];
      const attempt = async (plane: keyof typeof planes, who: string, caller: Caller) => {
        const answer = await ask(planes[plane], contract, sample, caller);
        totals.refused += 1;
        if (answer.status >= 500) reached.push(`${who} at ${plane}: ${answer.text}`);
        if (hasReached(answer, sample)) reached.push(`${who} past ${plane}`);
        if (plane === 'host')
          t.match(answer.json, { status: 401, code: 'token_tenant_mismatch' }, `${who}: the host rule`);
      };
      for (const [wall, held] of Object.entries(heldBy) as [keyof typeof heldBy, readonly Stranger[]][]) {
        if (wall === 'rows' && refersToNothing.includes(contract.name)) continue;
        for (const who of held) await attempt(wall, who, strangers[who]);
      }
      if (!refersToNothing.includes(contract.name)) await attempt('rows', 'organization', colleagues.organization);
      if (sample.ofWorkspace) await attempt('rows', 'workspace', colleagues.workspace);
      t.same(reached, [], 'nobody reaches a row past any one of the walls');
      t.same(differenceOf(before, await fingerprintOfAcme()), [], 'no row of the tenant is written');

      const open: string[] = [];
      // One after the other: some things a tenant may do once at a time.
      for (const [who, caller] of Object.entries(everybody(sample)))
        open.push(...(await control(contract, who, caller)));
      for (const [wall, held] of Object.entries(heldBy)) {
        t.ok(
          !isReachable(contract) || held.some((who) => open.includes(who)),
          `without walls it is reached: ${wall}${refusals.get(contract.name) ?? ''}`,
        );
      }
      if (isReachable(contract))
        t.ok(
          open.includes('organization'),
          `without walls it is reached: organization${refusals.get(contract.name) ?? ''}`,
        );
      if (sample.ofWorkspace)
        t.ok(open.includes('workspace'), `without walls it is reached: workspace${refusals.get(contract.name) ?? ''}`);
    });
  }

  /** The same attempt with no wall up, on rows of its own. */
  async function control(contract: Contract, who: string, caller: Caller): Promise<string[]> {
    const sample = await make(contract);
    const answer = await ask(planes.none, contract, sample, caller);
    if (!hasReached(answer, sample)) {
      refusals.set(
        contract.name,
        `${refusals.get(contract.name) ?? ''} ${who}: ${answer.status} ${answer.text.slice(0, 200)}`,
      );
      return [];
    }
    totals.controls += 1;
    return [who];
  }

  t.test('figures', async (t) => {
    t.comment(
      `measured: isolation: ${totals.refused} attempts past one wall reached nothing; ${totals.controls} of the same without walls reached rows`,
    );
    t.ok(totals.refused > 0);
  });

  return { planes, make, acmeDatabase, globexDatabase };
}
