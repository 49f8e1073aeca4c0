import { randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample, SecurityWorld } from '@platen/chassis/testkit/security-table-attack';
import { demoPassword, roles } from '@platen/schema/seeds/identities';
import type { ContractName, DataContractName, Listener } from './contracts.js';
import type { Platform } from './platform.js';
import { accessSamples } from './samples-access.js';
import { authSamples } from './samples-auth.js';
import { confirmedOrder, sentQuote, type Victim } from './samples-data.js';
import { dnWorkSamples } from './samples-dn.js';
import { dnWriteWorkSamples } from './samples-dn-writes.js';
import { exportWorkSamples } from './samples-exports.js';
import { jobWorkSamples } from './samples-jobs.js';
import { leaseEvents, letterSamples, readerOf } from './samples-letters.js';
import { mockupWorkSamples } from './samples-mockups.js';
import { peopleSamples } from './samples-people.js';
import { placeSamples } from './samples-places.js';
import { platformSamples } from './samples-platform.js';
import { repricingWorkSamples } from './samples-repricing.js';
import { telemetryWork } from './samples-telemetry-runs.js';
import { signIn } from './sign-in.js';
import { acme, acmePrint, harbor, mainStreet } from './world.js';

type OtherName = Exclude<ContractName, DataContractName>;
export interface SampleMakers {
  /** Which of those that serve the contract is called. */
  readonly listener: Listener;
  readonly platform: Platform;
  readonly world: SecurityWorld;
  readonly victim: Victim;
}

const [, sales, press] = acme.users;
const owner = randomUUID();

/** One for each contract of the control plane and of the internal listeners; one that is missing does not compile. */
export const otherSamples: Readonly<Record<OtherName, (makers: SampleMakers) => Promise<Sample>>> = {
  ...accessSamples,
  ...authSamples,
  ...peopleSamples,
  ...placeSamples,
  ...platformSamples,
  'auth.login': async () => ({ body: { email: sales.email, password: demoPassword } }),
  'auth.refresh': async ({ platform }) => ({ headers: await cookiesOf(platform) }),
  'auth.logout': async ({ platform }) => ({ headers: await cookiesOf(platform) }),
  'auth.session': async () => ({}),
  'access.modules': async () => ({}),
  'menu.get': async () => ({}),
  'context.get': async () => ({}),
  'context.switch': async () => ({ body: { organization_id: acmePrint.id, workspace_id: harbor.id } }),
  'admin.auditEvents.list': async () => ({}),
  'admin.auditEvents.export': async () => ({}),
  'admin.userRoles.create': async () => ({
    body: {
      user_id: press.id,
      role_id: roles.purchasing.id,
      scope: 'workspace',
      organization_id: acmePrint.id,
      workspace_id: mainStreet.id,
    },
  }),
  'admin.userRoles.delete': async ({ platform }) => ({ params: { id: await userRoleId(platform, acme.users[3].id) } }),
  'keys.jwks': async () => ({}),
  'internal.token.issue': async ({ platform }) => ({
    body: {
      grant_type: 'client_credentials',
      client_id: 'data-plane',
      client_secret: platform.secrets.dataPlaneSecret,
    },
  }),
  'internal.feed.snapshot': async () => ({}),
  'internal.feed.changes': async () => ({ query: { after: '0', wait_seconds: '0' } }),
  'internal.instances.report': async () => ({
    body: { instance_id: randomUUID(), kind: 'data-plane', feed_position: '1', key_ids: [] },
  }),
  'internal.instances.leave': async () => ({ params: { instance_id: randomUUID() } }),
  'internal.keySet.get': async () => ({}),
  'internal.outbox.pull': async () => ({ query: { ...readerOf('dataInternal', owner), wait_seconds: '0' } }),
  'internal.outbox.ack': async (maker) => {
    const { platform, listener } = maker;
    await newEvent(maker);
    const reader = readerOf(listener, owner);
    const { source, events } = await leaseEvents(platform, listener, reader);
    return { body: { ...reader, source, position: events.at(-1)?.position ?? '' } };
  },
  ...letterSamples(newEvent),
  ...repricingWorkSamples,
  'internal.accountMails.get': async ({ platform }) => ({ params: await accountMailParams(platform) }),
  'internal.accountMails.delivered': async ({ platform }) => ({ params: await accountMailParams(platform) }),
  // A tenant of nobody's: what is named as the end of one must not be another's.
  'internal.tenants.check': async () => ({ params: { tenant_id: randomUUID() }, body: { erp_db_key: acme.erpDbKey } }),
  'internal.tenants.prepare': async () => ({
    params: { tenant_id: randomUUID() },
    body: { erp_db_key: acme.erpDbKey },
  }),
  'internal.tenants.purge': async () => ({ params: { tenant_id: randomUUID() }, body: { erp_db_key: acme.erpDbKey } }),
  ...jobWorkSamples,
  ...mockupWorkSamples,
  ...dnWorkSamples,
  ...dnWriteWorkSamples,
  ...exportWorkSamples,
  'internal.quoteMail.get': async ({ victim }) => ({
    params: { tenant_id: acme.id, id: (await sentQuote(victim)).id },
    query: { organization_id: acmePrint.id },
  }),
  'internal.quoteExpiry.expire': async ({ victim }) => ({
    params: { tenant_id: acme.id, id: (await sentQuote(victim)).id },
    body: { organization_id: acmePrint.id },
  }),
  'internal.orderMail.get': async ({ victim }) => ({
    params: { tenant_id: acme.id, id: (await confirmedOrder(victim)).id },
    query: { organization_id: acmePrint.id },
  }),
  'internal.productionRuns.record': async ({ victim }) => {
    const { id, body } = await telemetryWork.progress(victim);
    return { params: { tenant_id: acme.id, id }, body: { organization_id: acmePrint.id, ...body } };
  },
  'internal.telemetryReadings.write': async ({ victim }) => ({
    params: { tenant_id: acme.id },
    body: { organization_id: acmePrint.id, ...(await telemetryWork.readings(victim)) },
  }),
};

/** Of the plane that listens there. */
async function newEvent({ platform, victim, listener }: SampleMakers): Promise<unknown> {
  return listener === 'controlInternal' ? queuedAccountMail(platform) : sentQuote(victim);
}

async function cookiesOf(platform: Platform) {
  const { access, refresh } = await signIn(platform, sales.email);
  const origin = `http://acme.localhost:${platform.ports.control}`;
  return { cookie: `platen_at=${access}; platen_rt=${refresh}`, origin };
}

export const userRoleId = (platform: Platform, userId: string): Promise<string> =>
  asSuperuser(platform.databases.control.superuserUrl, async (client) => {
    const { rows } = await client.query<{ id: string }>('select id from res_user_roles where user_id = $1', [userId]);
    return rows[0]?.id ?? '';
  });

/** An event of the control plane's outbox; what is in it is nobody's concern here. */
export const queuedAccountMail = (platform: Platform): Promise<string> =>
  asSuperuser(platform.databases.control.superuserUrl, async (client) => {
    const id = randomUUID();
    const data = { subject_id: sales.id, to: { email: sales.email, name: sales.name }, secret: null, expires_at: null };
    await client.query(
      `insert into outbox_events (tenant_id, id, topic, key, type, payload, correlation_id)
       values ($1::uuid, $2, 'platform.user', $1::text || ':' || $3, 'platform.user.password_changed', $4, 'acceptance')`,
      [acme.id, id, sales.id, data],
    );
    return id;
  });

const accountMailParams = async (platform: Platform) => ({
  tenant_id: acme.id,
  event_id: await queuedAccountMail(platform),
});
