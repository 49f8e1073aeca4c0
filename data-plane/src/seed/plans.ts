import { type TenantSlug, tenants } from '@platen/schema/seeds/identities';
import type { OrganizationPlan } from './seed-organization.js';

const { acme, globex } = tenants;
const print = acme.organizations['acme-print'];
const promo = acme.organizations['acme-promo'];
const main = globex.organizations['globex-main'];

/** What the demo tenants' databases are filled with. Initech is suspended and has nothing. */
export const seedPlans: readonly { readonly tenant: TenantSlug; readonly plan: OrganizationPlan }[] = [
  {
    tenant: 'acme',
    plan: {
      name: 'acme-print',
      tenantId: acme.id,
      organizationId: print.id,
      userId: acme.users[1].id,
      customers: 200,
      quotes: [
        { workspaceId: print.workspaces['main-street'].id, quotes: 170 },
        { workspaceId: print.workspaces.harbor.id, quotes: 100 },
      ],
    },
  },
  {
    tenant: 'acme',
    plan: {
      name: 'acme-promo',
      tenantId: acme.id,
      organizationId: promo.id,
      userId: acme.users[0].id,
      customers: 20,
      quotes: [{ workspaceId: null, quotes: 30 }],
    },
  },
  {
    tenant: 'globex',
    plan: {
      name: 'globex-main',
      tenantId: globex.id,
      organizationId: main.id,
      userId: globex.users[0].id,
      customers: 40,
      quotes: [{ workspaceId: null, quotes: 40 }],
    },
  },
];
