import { randomUUID } from 'node:crypto';
import { asSuperuser } from '@platen/chassis/testkit/database-templates';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import type { Platform } from './platform.js';
import { acme, acmePrint, acmePromo, mainStreet } from './world.js';

interface Maker {
  readonly platform: Platform;
}
const code = () => `t-${randomUUID().slice(0, 13)}`;

/** A domain of acme's, proven: verifying it again asks no name server. */
export const newDomain = ({ platform }: Maker): Promise<string> =>
  asSuperuser(platform.databases.control.superuserUrl, async (client) => {
    const id = randomUUID();
    await client.query(
      `insert into tenant_domains (tenant_id, id, domain, kind, verification_token, verified_at)
       values ($1, $2, $3, 'custom', 'platen-acceptance', now())`,
      [acme.id, id, `${code()}.acme-acceptance.com`],
    );
    return id;
  });

export const newStore = async (maker: Maker): Promise<string> => {
  const domainId = await newDomain(maker);
  return asSuperuser(maker.platform.databases.control.superuserUrl, async (client) => {
    const id = randomUUID();
    await client.query(
      `insert into tenant_stores (tenant_id, id, code, name, domain_id, organization_id)
       values ($1, $2, $3, 'Acceptance', $4, $5)`,
      [acme.id, id, code(), domainId, acmePromo.id],
    );
    return id;
  });
};

const organization = { params: { id: acmePromo.id } };

/** Organizations, workspaces, domains and storefronts. */
export const placeSamples = {
  'admin.organizations.list': async () => ({}),
  'admin.organizations.get': async () => organization,
  'admin.organizations.create': async () => ({ body: { code: code(), name: 'Acceptance' } }),
  'admin.organizations.update': async () => ({ ...organization, body: { name: acmePromo.name } }),
  'admin.organizationSettings.get': async () => organization,
  'admin.organizationSettings.update': async () => ({ ...organization, body: { quote_valid_days: 30 } }),
  'admin.workspaces.list': async () => ({ query: { organization_id: acmePrint.id } }),
  'admin.workspaces.create': async () => ({
    body: { organization_id: acmePromo.id, code: code(), name: 'Acceptance' },
  }),
  'admin.workspaces.update': async () => ({ params: { id: mainStreet.id }, body: { name: mainStreet.name } }),
  'admin.domains.list': async () => ({}),
  'admin.domains.create': async () => ({ body: { domain: `${code()}.acme-acceptance.com` } }),
  'admin.domains.verify': async (maker) => ({ params: { id: await newDomain(maker) } }),
  'admin.domains.update': async (maker) => ({ params: { id: await newDomain(maker) }, body: { is_primary: true } }),
  'admin.domains.delete': async (maker) => ({ params: { id: await newDomain(maker) } }),
  'admin.stores.list': async () => ({}),
  'admin.stores.get': async (maker) => ({ params: { id: await newStore(maker) } }),
  'admin.stores.create': async (maker) => ({
    body: { code: code(), name: 'Acceptance', domain_id: await newDomain(maker), organization_id: acmePromo.id },
  }),
  'admin.stores.update': async (maker) => ({ params: { id: await newStore(maker) }, body: { name: 'Renamed' } }),
  'admin.stores.delete': async (maker) => ({ params: { id: await newStore(maker) } }),
} as const satisfies Readonly<Record<string, (maker: Maker) => Promise<Sample>>>;
