import { type TenantSlug, tenants } from '@platen/schema/seeds/identities';
import type { MakingPlan } from './making/plan.js';
import type { OrganizationPlan } from './seed-organization.js';

const { acme, globex } = tenants;
const print = acme.organizations['acme-print'];
const promo = acme.organizations['acme-promo'];
const main = globex.organizations['globex-main'];

/** A shop where one person does everything, in one place. */
const alone = (userId: string, orders: number): MakingPlan => ({
  orders: [{ workspaceId: null, quotes: orders }],
  buyerId: userId,
  approverId: userId,
  pressId: userId,
  buyerWorkspaceId: null,
  stocked: 0.1,
  shelves: [],
});

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
      making: {
        orders: [
          { workspaceId: print.workspaces['main-street'].id, quotes: 32 },
          { workspaceId: print.workspaces.harbor.id, quotes: 8 },
        ],
        buyerId: acme.users[3].id,
        approverId: acme.users[4].id,
        pressId: acme.users[2].id,
        buyerWorkspaceId: print.workspaces['main-street'].id,
        stocked: 1,
        shelves: [
          { workspaceId: print.workspaces['main-street'].id, code: 'main-street', name: 'Shelf in Main Street' },
          { workspaceId: print.workspaces.harbor.id, code: 'harbor', name: 'Shelf at the harbor' },
        ],
      },
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
      making: alone(acme.users[0].id, 6),
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
      making: alone(globex.users[0].id, 10),
    },
  },
];
