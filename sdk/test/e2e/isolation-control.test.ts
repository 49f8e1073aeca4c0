import { randomUUID } from 'node:crypto';
import type { AccessClaims } from '@platen/chassis/auth/claims';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import { requestOf } from '@platen/chassis/testkit/security-table';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import { type Contract, listContracts } from '@platen/schema/contract';
import { controlContracts } from '@platen/schema/contracts/control/index';
import { roles } from '@platen/schema/seeds/identities';
import t from 'tap';
import { differenceOf, fingerprintOf } from './fingerprint.js';
import type { RawAnswer, SendRaw } from './http.js';
import { openControl } from './isolation-controls.js';
import { startPlatform } from './platform.js';
import { otherSamples } from './samples.js';
import { victimOf } from './victim.js';
import { acme, allPermissions, signInPeople, withCurrentEpochs, worldAt } from './world.js';

// Administration that names a row: for a stranger it is as if the row did not exist, whichever wall is the only one.
const platform = await startPlatform(t, { services: ['control-plane'] });
const { control: database } = platform.databases;
const people = await signInPeople(platform);
const planes = {
  whole: await openControl(t, platform, { host: true, rows: true }),
  host: await openControl(t, platform, { host: true, rows: false }),
  rows: await openControl(t, platform, { host: false, rows: true }),
} as const;

/** Administers an organization of acme's that no sample is about. */
const neighbour = { id: randomUUID(), organizationId: randomUUID() };
await asSuperuser(database.superuserUrl, async (client) => {
  await client.query(`insert into res_organizations (tenant_id, id, code, name) values ($1, $2, 'third', 'Third')`, [
    acme.id,
    neighbour.organizationId,
  ]);
  await client.query(
    `insert into res_organization_settings
       (tenant_id, id, organization_id, currency, time_zone, locale, quote_prefix, order_prefix)
     values ($1, $2, $2, 'EUR', 'Europe/Berlin', 'en', 'Q', 'SO')`,
    [acme.id, neighbour.organizationId],
  );
  await client.query(
    `insert into res_users (tenant_id, id, email, name, status) values ($1, $2, 'third@acme.test', 'Third', 'active')`,
    [acme.id, neighbour.id],
  );
  await client.query(
    `insert into res_user_roles (tenant_id, id, user_id, role_id, scope, organization_id)
     values ($1, $2, $3, $4, 'organization', $5)`,
    [acme.id, randomUUID(), neighbour.id, roles.tenant_admin.id, neighbour.organizationId],
  );
});

/** Whole values only: a code or an address may hold one and names nothing. */
const uuid = /(?<=")[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=")/g;
/** Roles that come with the product belong to every tenant. */
const everybodys: readonly string[] = Object.values(roles).map(({ id }) => id);
const idsOf = ({ params, query, body }: Sample): string[] => [
  ...new Set((JSON.stringify({ params, query, body }).match(uuid) ?? []).filter((id) => !everybodys.includes(id))),
];

const totals = { contracts: 0, attempts: 0 };

/** What is the same for a row of somebody else's and for one that is nowhere, but for the ids. */
function shape({ status, json, text }: RawAnswer, ids: readonly (readonly [string, string])[]): string {
  const content = json === undefined ? text : { ...(json as object), instance: null, correlation_id: null };
  return ids.reduce((all, [id, other]) => all.replaceAll(id, other), JSON.stringify([status, content]));
}

interface Attempt {
  readonly plane: SendRaw;
  readonly host: string;
  readonly claims: AccessClaims;
}

/** The attempt on the rows of the sample, and the same on rows that are nowhere. */
async function tryBoth(contract: Contract, sample: Sample, { plane, host, claims }: Attempt) {
  const made = idsOf(sample).map((id) => [id, randomUUID()] as const);
  const nowhere = JSON.parse(made.reduce((all, [id, other]) => all.replaceAll(id, other), JSON.stringify(sample)));
  const token = people.forger.sign({ ...claims, prm: allPermissions });
  const theirs = await plane(requestOf(contract, sample, host, token));
  const nobodys = await plane(requestOf(contract, nowhere as Sample, host, token));
  totals.attempts += 1;
  return { theirs, isSame: shape(theirs, made) === shape(nobodys, []), nobodys };
}

const namesRows = ({ access }: Contract): boolean => access !== 'public';

for (const contract of listContracts(controlContracts).filter(namesRows)) {
  t.test(contract.name, async (t) => {
    const world = await withCurrentEpochs(platform, worldAt(people, platform.ports.control), ['control']);
    const make = otherSamples[contract.name as keyof typeof otherSamples];
    const victim = victimOf(world, platform);
    const sample = await make({ platform, world, victim, listener: 'control' });
    if (idsOf(sample).length === 0) {
      t.pass('names no row');
      return;
    }
    const { user, otherTenantsUser: other } = await withCurrentEpochs(platform, world, ['control']);
    const before = await fingerprintOf(database, acme.id);
    const strangers: Record<string, Attempt> = {
      'ids, past the whole': { plane: planes.whole, host: 'globex', claims: other },
      'ids, past the host rule alone': { plane: planes.host, host: 'globex', claims: other },
      'ids, past row-level security alone': { plane: planes.rows, host: 'globex', claims: other },
      'a token brought along, past row-level security alone': { plane: planes.rows, host: 'globex', claims: user },
    };
    const differing: string[] = [];
    for (const [who, attempt] of Object.entries(strangers)) {
      const { isSame, theirs, nobodys } = await tryBoth(contract, sample, attempt);
      if (!isSame) differing.push(`${who}: ${theirs.text} instead of ${nobodys.text}`);
    }
    for (const [host, claims] of [
      ['acme', other],
      ['globex', user],
    ] as const) {
      const { theirs } = await tryBoth(contract, sample, { plane: planes.host, host, claims });
      t.match(theirs.json, { status: 401, code: 'token_tenant_mismatch' }, `the host rule at ${host}`);
    }
    const neighbours = { ...user, sub: neighbour.id, sid: randomUUID(), org: neighbour.organizationId, ws: null };
    const claims = { ...neighbours, epo: [user.epo[0], 1] as const };
    const { isSame, theirs, nobodys } = await tryBoth(contract, sample, { plane: planes.whole, host: 'acme', claims });
    if (!isSame) differing.push(`another organization’s administrator: ${theirs.text} instead of ${nobodys.text}`);
    t.same(differing, [], 'as if the rows did not exist');
    t.same(differenceOf(before, await fingerprintOf(database, acme.id)), [], 'no row of the tenant is written');
    const own = await planes.whole(requestOf(contract, sample, 'acme', people.forger.sign(user)));
    t.equal(own.status, contract.status, `who may do it reaches the rows: ${own.text.slice(0, 200)}`);
    totals.contracts += 1;
  });
}

t.test('figures', async (t) => {
  t.comment(
    `measured: isolation of the control plane: ${totals.contracts} contracts that name rows, ${totals.attempts} attempts by strangers: none told a row from none`,
  );
  t.ok(totals.contracts > 30);
});
