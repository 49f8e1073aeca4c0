import { randomUUID } from 'node:crypto';
import { faultsOfProblem } from '@platen/chassis/testkit/problem-document';
import { attackContract, requestOf, validRequest } from '@platen/chassis/testkit/security-table';
import type { Sample, SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import type { Contract } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { dataInternalContracts } from '@platen/schema/contracts/internal/index';
import { roles } from '@platen/schema/seeds/identities';
import t, { type Test as Tap } from 'tap';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type DataContractName, everyContract, type Listener } from './contracts.js';
import { differenceOf, fingerprintOf } from './fingerprint.js';
import type { RawAnswer, SendRaw } from './http.js';
import { startPlatform } from './platform.js';
import { otherSamples, type SampleMakers, userRoleId } from './samples.js';
import { type DataSample, dataSamples } from './samples-data.js';
import { bearer } from './sign-in.js';
import { victimOf } from './victim.js';
import {
  acme,
  acmePrint,
  acmePromo,
  addBareTenant,
  allPermissions,
  createWorld,
  globex,
  globexMain,
  harbor,
  until,
} from './world.js';

// Both planes as processes, as the roles of a deployment. Every contract: first every attack, then, with the same
// sample, the call itself, which must succeed. So no attack is refused for another reason than the attack.
const platform = await startPlatform(t, { services: ['control-plane', 'data-plane'], prepare: addBareTenant });
const { control, data, controlInternal, dataInternal, ports } = platform;
const send = { control, data, controlInternal, dataInternal };
const worlds: Record<Listener, SecurityWorld> = {
  control: await createWorld(platform, ports.control),
  data: await createWorld(platform, ports.data),
  controlInternal: await createWorld(platform, ports.controlInternal),
  dataInternal: await createWorld(platform, ports.dataInternal),
};
const makers: Omit<SampleMakers, 'listener'> = { platform, world: worlds.control, victim: victimOf(worlds.data, data) };
const { databases } = platform;
const written = {
  control: [databases.control],
  controlInternal: [databases.control],
  data: [databases['erp-1'], databases['erp-2']],
  dataInternal: [databases['erp-1'], databases['erp-2']],
};
/** Of what the listener's service can write to. */
const fingerprint = async (listener: Listener) =>
  (await Promise.all(written[listener].map((each) => fingerprintOf(each)))).join('\n');

const totals = { contracts: 0, requests: 0, most: 0 };

// The revocation has to arrive before tokens of that session are expected to be refused.
await until(
  () => data({ host: 'acme', path: '/api/erp/quotes', headers: bearer(worlds.data.revokedToken) }),
  ({ status }) => status === 401,
);

for (const { contract, listener } of everyContract) {
  t.test(contract.name, async (t) => {
    const world = worlds[listener];
    const sample = await makeSample(contract, listener);
    const before = await fingerprint(listener);
    const { attacks, findings } = await attackContract(contract, sample, world, send[listener]);
    const foreign = await findForeign(contract, sample, world, send[listener]);
    t.same(
      [...findings, ...foreign.findings],
      [],
      `${attacks + foreign.attacks} attacks are refused as they should be`,
    );
    t.same(differenceOf(before, await fingerprint(listener)), [], 'none of them wrote anything');

    const answer = await send[listener](validRequest(contract, sample, world));
    t.equal(answer.status, contract.status, `without an attack the call succeeds: ${answer.text.slice(0, 300)}`);
    checkAnswer(t, contract, answer);
    totals.contracts += 1;
    totals.requests += attacks + foreign.attacks;
    totals.most = Math.max(totals.most, attacks + foreign.attacks);
  });
}

t.test('the table covered every contract', async (t) => {
  t.equal(totals.contracts, everyContract.length);
  const { contracts, most, requests } = totals;
  t.comment(`measured: security table: ${contracts} contracts x up to ${most} attacks = ${requests} requests refused`);
});

function makeSample({ name }: Contract, listener: Listener): Promise<Sample> {
  const ofData = dataSamples[name as DataContractName];
  const ofOthers = otherSamples[name as keyof typeof otherSamples];
  if (!ofData && !ofOthers) throw new Error(`${name} has no sample`);
  return ofData ? ofData(makers.victim) : ofOthers({ ...makers, listener });
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
    const nowhere = made.reduce((text, [id, other]) => text.replaceAll(id, other), JSON.stringify(sample));
    const [theirs, nobodys] = await Promise.all([
      ask(requestOf(contract, sample, host, token)),
      ask(requestOf(contract, JSON.parse(nowhere) as Sample, host, token)),
    ]);
    const faults = faultsOfProblem(theirs, foreign);
    const seen = made.reduce((text, [id, other]) => text.replaceAll(id, other), withoutTrace(theirs));
    if (seen !== withoutTrace(nobodys)) faults.push(`${theirs.text} differs from ${nobodys.text}`);
    findings.push(...faults.map((fault) => `${contract.name}, rows seen from ${who}: ${fault}`));
  }
  return { attacks: Object.keys(strangers).length, findings };
}

const withoutTrace = ({ status, json }: RawAnswer): string =>
  JSON.stringify([status, { ...(json as object), instance: null, correlation_id: null }]);

const checked = (schema: TSchema, value: unknown): string[] => {
  const compiled = Compile(schema);
  return compiled.Check(value)
    ? []
    : [...compiled.Errors(value)].map((error) => `${error.instancePath} ${error.message}`);
};

function checkAnswer(t: Tap, contract: Contract, { status, headers, json, text }: RawAnswer): void {
  if (status === 204) t.equal(text, '', 'the answer is empty');
  else if (contract.mediaType !== undefined) t.match(headers['content-type'], contract.mediaType);
  else if (contract.response) t.same(checked(contract.response, json), [], 'the answer fits the contract');
  if (contract.versioned) t.match(headers['etag'], /^"\d+"$/, 'a versioned document has an ETag');
}

t.test('every contract is in its OpenAPI document', async (t) => {
  for (const [name, listener] of [
    ['control', control],
    ['data', data],
  ] as const) {
    const answer = await listener({ host: 'acme', path: `/openapi/${name}.json` });
    t.equal(answer.status, 200);
    const { paths = {} } = (answer.json ?? {}) as { paths?: Record<string, Record<string, unknown>> };
    const missing = everyContract
      .filter((listed) => listed.listener === name)
      .filter(({ contract }) => !paths[contract.path.replace(/:(\w+)/g, '{$1}')]?.[contract.method.toLowerCase()]);
    t.same(
      missing.map(({ contract }) => contract.name),
      [],
      `the ${name} plane's document has all of its contracts`,
    );
  }
});

t.test('administration: rows of another tenant are as if they did not exist', async (t) => {
  const { userRoles } = controlContracts.admin;
  const { forger, user, hosts } = worlds.control;
  const token = forger.sign(user);
  const theirs = await userRoleId(platform, globex.users[0].id);
  const before = await fingerprintOf(databases.control);
  const gone = await control(requestOf(userRoles.delete, { params: { id: theirs } }, hosts.own, token));
  const none = await control(requestOf(userRoles.delete, { params: { id: randomUUID() } }, hosts.own, token));
  t.same(faultsOfProblem(gone, 'not_found'), []);
  t.equal(withoutTrace(gone), withoutTrace(none));
  for (const change of [{ user_id: globex.users[0].id }, { organization_id: globexMain.id }]) {
    const body = {
      user_id: acme.users[1].id,
      role_id: roles.sales.id,
      scope: 'organization',
      organization_id: acmePrint.id,
    };
    const refused = await control(requestOf(userRoles.create, { body: { ...body, ...change } }, hosts.own, token));
    t.same(faultsOfProblem(refused, 'unknown_reference'), [], Object.keys(change).join());
  }
  t.same(differenceOf(before, await fingerprintOf(databases.control)), [], 'nothing was written');
});

t.test('a service cannot read a tenant’s quote under another tenant or organization', async (t) => {
  const { quoteMail } = dataInternalContracts;
  const { forger, service, hosts } = worlds.dataInternal;
  const sample = await otherSamples['internal.quoteMail.get']({ ...makers, listener: 'dataInternal' });
  for (const change of [
    { params: { ...sample.params, tenant_id: globex.id }, query: { organization_id: globexMain.id } },
    { params: { ...sample.params, tenant_id: globex.id } },
    { query: { organization_id: acmePromo.id } },
    { query: { ...sample.query, workspace_id: harbor.id } },
  ]) {
    const request = requestOf(quoteMail.get, { ...sample, ...change }, hosts.internal, forger.sign(service));
    t.same(faultsOfProblem(await dataInternal(request), 'not_found'), []);
  }
});
