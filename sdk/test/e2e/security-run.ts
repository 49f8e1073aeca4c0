import { randomUUID } from 'node:crypto';
import { faultsOfProblem } from '@platen/chassis/testkit/problem-document';
import { attackContract, requestOf, validRequest } from '@platen/chassis/testkit/security-table';
import type { Sample, SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import { until } from '@platen/chassis/testkit/until';
import type { Contract } from '@platen/schema/contract';
import t, { type Test as Tap } from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type DataContractName, everyContract, type Listener } from './contracts.js';
import { differenceOf, fingerprintOf } from './fingerprint.js';
import type { RawAnswer, SendRaw } from './http.js';
import type { Platform } from './platform.js';
import { otherSamples, type SampleMakers } from './samples.js';
import { type DataSample, dataSamples } from './samples-data.js';
import { provisioned } from './samples-platform.js';
import { bearer } from './sign-in.js';
import { victimOf } from './victim.js';
import { acmePromo, allPermissions, harbor, signInPeople, withCurrentEpochs, worldAt } from './world.js';

export interface SecurityTable {
  readonly platform: Platform;
  readonly send: Readonly<Record<Listener, SendRaw>>;
  /** With tokens of this moment. */
  world(listener: Listener): Promise<SecurityWorld>;
  makers(listener: Listener): Promise<SampleMakers>;
}

/**
 * Both planes as processes, as the roles of a deployment. Every contract of these listeners: first every attack, then,
 * with the same sample, the call itself, which must succeed. So no attack is refused for another reason than the attack.
 */
export async function runSecurityTable(platform: Platform, listeners: readonly Listener[]): Promise<SecurityTable> {
  const table = await openTable(platform);
  const totals = { contracts: 0, requests: 0, most: 0 };
  const chosen = everyContract.filter(({ listener }) => listeners.includes(listener));
  for (const { contract, listener } of chosen) {
    t.test(contract.name, async (t) => {
      const attacks = await attackAndCall(t, table, contract, listener);
      totals.contracts += 1;
      totals.requests += attacks;
      totals.most = Math.max(totals.most, attacks);
    });
  }
  t.test('the table covered every contract', async (t) => {
    t.equal(totals.contracts, chosen.length);
    const { contracts, most, requests } = totals;
    t.comment(
      `measured: security table at ${listeners.join(', ')}: ${contracts} contracts x up to ${most} attacks = ${requests} requests refused`,
    );
  });
  return table;
}

async function openTable(platform: Platform): Promise<SecurityTable> {
  const { control, data, controlInternal, dataInternal, ports } = platform;
  const send = { control, platform: control, data, controlInternal, dataInternal };
  const people = await signInPeople(platform);
  const port = { ...ports, platform: ports.control };
  const world = (listener: Listener) =>
    withCurrentEpochs(platform, worldAt(people, port[listener]), ['control', 'data']);
  // The revocation has to arrive at both before tokens of that session are expected to be refused.
  const headers = bearer(people.revokedToken);
  for (const [plane, path] of [
    [control, '/api/auth/session'],
    [data, '/api/erp/quotes'],
  ] as const) {
    await until(
      () => plane({ host: 'acme', path, headers }),
      ({ status }) => status === 401,
    );
  }
  return {
    platform,
    send,
    world,
    async makers(listener) {
      const victim = victimOf(await world('data'), platform);
      return { listener, platform, world: await world('control'), victim };
    },
  };
}

/** How many attacks there were. */
async function attackAndCall(t: Tap, table: SecurityTable, contract: Contract, listener: Listener): Promise<number> {
  const { platform, send } = table;
  const sample = await makeSample(contract, await table.makers(listener));
  const world = await table.world(listener);
  const before = await fingerprint(platform, listener);
  const { attacks, findings } = await attackContract(contract, sample, world, send[listener]);
  const foreign = await findForeign(contract, sample, world, send[listener]);
  const all = attacks + foreign.attacks;
  t.same([...findings, ...foreign.findings], [], `${all} attacks are refused as they should be`);
  t.same(differenceOf(before, await fingerprint(platform, listener)), [], 'none of them wrote anything');
  const answer = await send[listener](validRequest(contract, sample, world));
  t.equal(answer.status, contract.status, `without an attack the call succeeds: ${answer.text.slice(0, 300)}`);
  checkAnswer(t, contract, answer);
  if (contract.name.startsWith('platform.tenants.')) await provisioned(platform);
  return all;
}

/** Of what the listener's service can write to. */
async function fingerprint({ databases }: Platform, listener: Listener): Promise<string> {
  const isData = listener === 'data' || listener === 'dataInternal';
  const written = isData ? [databases['erp-1'], databases['erp-2'], databases['telemetry-1']] : [databases.control];
  return (await Promise.all(written.map((each) => fingerprintOf(each)))).join('\n');
}

function makeSample({ name }: Contract, makers: SampleMakers): Promise<Sample> {
  const ofData = dataSamples[name as DataContractName];
  const ofOthers = otherSamples[name as keyof typeof otherSamples];
  if (!ofData && !ofOthers) throw new Error(`${name} has no sample`);
  return ofData ? ofData(makers.victim) : ofOthers(makers);
}

/** The same call by those who have every permission, elsewhere: it must look as if the rows did not exist. */
async function findForeign(contract: Contract, sample: Sample, world: SecurityWorld, ask: SendRaw) {
  const findings: string[] = [];
  const { foreign, ids, ofWorkspace } = sample as Partial<DataSample>;
  // A list that shows none of them, and a row of one's own, are the isolation tests' matter.
  if (!foreign || !ids || foreign === 'own' || foreign === 'unseen') return { attacks: 0, findings };
  const { forger, user, otherTenantsUser, hosts } = world;
  const strangers = {
    'another tenant': { host: hosts.other, claims: otherTenantsUser },
    'another organization': { host: hosts.own, claims: { ...user, org: acmePromo.id, ws: null } },
    ...(ofWorkspace && { 'another workspace': { host: hosts.own, claims: { ...user, ws: harbor.id } } }),
  };
  for (const [who, { host, claims }] of Object.entries(strangers)) {
    const token = forger.sign({ ...claims, prm: allPermissions });
    const made = ids.map((id) => [id, randomUUID()] as const);
    const renamed = (text: string) => made.reduce((changed, [id, other]) => changed.replaceAll(id, other), text);
    // One after the other: what a tenant may do once at a time would refuse the second for that.
    const theirs = await ask(requestOf(contract, sample, host, token));
    const nobodys = await ask(requestOf(contract, nowhere(sample, renamed), host, token));
    const faults = faultsOfProblem(theirs, foreign);
    const seen = renamed(withoutTrace(theirs));
    if (seen !== withoutTrace(nobodys)) faults.push(`${theirs.text} differs from ${nobodys.text}`);
    findings.push(...faults.map((fault) => `${contract.name}, rows seen from ${who}: ${fault}`));
  }
  return { attacks: Object.keys(strangers).length, findings };
}

/** The same call about rows that there are none of. What is sent as bytes stays bytes. */
function nowhere(sample: Sample, renamed: (text: string) => string): Sample {
  const { body, ...rest } = sample;
  // JSON and back: what was a sample is one still.
  const change = <T>(part: T): T => JSON.parse(renamed(JSON.stringify(part))) as T;
  if (body === undefined) return change(rest);
  return { ...change(rest), body: body instanceof Buffer ? Buffer.from(renamed(body.toString())) : change(body) };
}

/** What must be the same for somebody else's row and for none. */
export const withoutTrace = ({ status, json }: RawAnswer): string =>
  JSON.stringify([status, { ...(json as object), instance: null, correlation_id: null }]);

const checked = (schema: TSchema, value: unknown): string[] => {
  const compiled = Compile(schema);
  return compiled.Check(value)
    ? []
    : [...compiled.Errors(value)].map((error) => `${error.instancePath} ${error.message}`);
};

function checkAnswer(t: Tap, contract: Contract, { status, headers, json, text }: RawAnswer): void {
  if (status === 204) t.equal(text, '', 'the answer is empty');
  // The bytes' own type is the answer's, whatever it is.
  else if (contract.download) t.match(headers['content-disposition'], /^attachment; filename/);
  else if (contract.mediaType !== undefined) t.match(headers['content-type'], contract.mediaType);
  else if (contract.response) t.same(checked(contract.response, json), [], 'the answer fits the contract');
  if (contract.versioned) t.match(headers['etag'], /^"\d+"$/, 'a versioned document has an ETag');
}

/** Every contract of a listener is in the OpenAPI document that it serves. */
export async function checkOpenApi(t: Tap, table: SecurityTable, document: 'control' | 'data', listener: Listener) {
  const host = listener === 'platform' ? 'platform' : 'acme';
  const answer = await table.send[document]({ host, path: `/openapi/${document}.json` });
  t.equal(answer.status, 200);
  const { paths = {} } = (answer.json ?? {}) as { paths?: Record<string, Record<string, unknown>> };
  const missing = everyContract
    .filter((listed) => listed.listener === listener)
    .filter(({ contract }) => !paths[contract.path.replace(/:(\w+)/g, '{$1}')]?.[contract.method.toLowerCase()]);
  t.same(
    missing.map(({ contract }) => contract.name),
    [],
    `the ${document} plane's document has all of the contracts at ${listener}`,
  );
}
