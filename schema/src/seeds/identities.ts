import type { PlatformRole } from '../contract.js';
import type { LimitCode, ModuleCode } from '../modules.js';
import { modules } from '../modules.js';
import type { PermissionCode } from '../permissions.js';
import { permissionCodes } from '../permissions.js';

/**
 * The people and places of the demo data, which both planes seed from and examples and tests refer to.
 * Ids are fixed so that a second run of the seeds finds what the first wrote.
 */
const id = (group: number, n: number) =>
  `01930000-0000-7000-8${String(group).padStart(3, '0')}-${String(n).padStart(12, '0')}`;

/** In development only: production refuses to seed users with it. */
export const demoPassword = 'platen-demo-2026';

const every = Object.keys(modules) as ModuleCode[];
/** What the small plan is without: its menu shows them as something to buy. */
const proOnly: readonly ModuleCode[] = ['platform.stores', 'platform.audit'];
const gigabyte = 1_000_000_000;
export const plans = {
  starter: {
    id: id(1, 1),
    name: 'Starter',
    modules: every.filter((code) => !proOnly.includes(code)),
    limits: {
      users: 5,
      devices: 10,
      requests_per_minute: 1_200,
      storage_bytes: 5 * gigabyte,
      points_per_day: 1_000_000,
    },
  },
  pro: {
    id: id(1, 2),
    name: 'Pro',
    modules: every,
    limits: {
      users: 50,
      devices: 200,
      requests_per_minute: 12_000,
      storage_bytes: 250 * gigabyte,
      points_per_day: 50_000_000,
    },
  },
} as const satisfies Record<
  string,
  { id: string; name: string; modules: readonly ModuleCode[]; limits: Partial<Record<LimitCode, number>> }
>;

const erpPermissions = permissionCodes.filter((code) => code.startsWith('erp.'));
const telemetryPermissions = permissionCodes.filter((code) => code.startsWith('telemetry.'));
const reads = erpPermissions.filter((code) => code.endsWith('.read'));
/** System roles: every tenant has them. */
export const roles = {
  tenant_admin: { id: id(2, 1), name: 'Tenant administrator', permissions: permissionCodes },
  sales: {
    id: id(2, 2),
    name: 'Sales',
    permissions: [
      ...reads,
      'erp.customer.write',
      'erp.price.compute',
      'erp.quote.write',
      'erp.quote.send',
      'erp.quote.accept',
      'erp.quote.convert',
      'erp.quote.reject',
      'erp.design.write',
      'erp.file.write',
      'erp.catalog.export',
      'erp.order.write',
      'erp.order.confirm',
      'erp.order.cancel',
      'erp.order.ship',
      'erp.order.complete',
      'erp.order_payment.write',
      'erp.production_job.approve_artwork',
      'erp.job.cancel',
      'erp.export.create',
      'erp.mockup.create',
    ],
  },
  production: {
    id: id(2, 3),
    name: 'Production',
    permissions: [
      'erp.product.read',
      'erp.design.read',
      'erp.file.read',
      'erp.order.read',
      'erp.order.start',
      'erp.order.ready',
      'erp.stock.read',
      'erp.production_job.read',
      'erp.production_job.write',
      'erp.production_job.move',
      'erp.production_job.record',
      'erp.production_job.reprint',
      'erp.job.read',
      'erp.mockup.create',
      'telemetry.device.read',
      'telemetry.reading.read',
      'telemetry.alert.read',
      'telemetry.alert.acknowledge',
      'telemetry.job_run.read',
      'telemetry.job_run.write',
    ],
  },
  purchasing: {
    id: id(2, 4),
    name: 'Purchasing',
    permissions: [
      'erp.category.read',
      'erp.product.read',
      'erp.supplier.read',
      'erp.supplier.write',
      'erp.file.read',
      'erp.order.read',
      'erp.stock.read',
      'erp.stock.adjust',
      'erp.stock.move',
      'erp.purchase_order.read',
      'erp.purchase_order.write',
      'erp.purchase_order.submit',
      'erp.purchase_order.approve',
      'erp.purchase_order.receive',
      'erp.purchase_order.bill',
      'erp.purchase_order.close',
      'erp.purchase_order.cancel',
      'erp.job.read',
      'erp.job.cancel',
      'erp.export.create',
    ],
  },
  manager: {
    id: id(2, 5),
    name: 'Manager',
    // Approving one's own is nobody's by their role: whoever needs it gets it by name.
    permissions: [
      ...erpPermissions.filter((code) => code !== 'erp.purchase_order.approve_own'),
      ...telemetryPermissions,
    ],
  },
} as const satisfies Record<string, { id: string; name: string; permissions: readonly PermissionCode[] }>;
export type RoleCode = keyof typeof roles;

/** The settings of every demo organization; past documents are numbered and taxed by them. */
export const demoSettings = {
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  taxRounding: 'line',
  quotePrefix: 'Q',
  orderPrefix: 'SO',
  purchaseOrderPrefix: 'PO',
  quoteValidDays: 30,
  receiptTolerancePercent: '5',
  address: { line1: 'Werkstrasse 12', city: 'Berlin', postal_code: '10115', country: 'DE' },
  taxNumber: 'DE 123 456 788',
  terms:
    'Artwork is printed as approved. Colours may differ from screen to garment. Up to two pieces in a hundred may be spoilt in production; they are not charged. Payable within 14 days of the invoice.',
} as const;

export interface SeedUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: RoleCode;
  readonly scope: 'tenant' | 'organization' | 'workspace';
  readonly organization?: string;
  readonly workspace?: string;
  readonly defaultOrganization?: string;
  readonly defaultWorkspace?: string;
  /** At the scope of the user's role. A permission that this release does not have yet is passed over. */
  readonly overrides?: readonly SeedOverride[];
}
interface SeedOverride {
  readonly permission: string;
  readonly effect: 'allow' | 'deny';
  readonly reason: string;
}
export interface SeedOrganization {
  readonly id: string;
  readonly name: string;
  readonly workspaceRequired: boolean;
  readonly workspaces: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
}
export interface SeedTenant {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'suspended';
  readonly plan: keyof typeof plans;
  /** Modules beyond the plan, for 30 days from the first seeding. */
  readonly trials?: readonly ModuleCode[];
  /** Key of the ERP database in the data plane's catalogue. */
  readonly erpDbKey: string;
  /** The same of its telemetry database; null: it has none. */
  readonly telemetryDbKey: string | null;
  readonly organizations: Readonly<Record<string, SeedOrganization>>;
  readonly users: readonly SeedUser[];
}

export const tenants = {
  acme: {
    id: id(3, 1),
    name: 'Acme Print & Promo',
    status: 'active',
    plan: 'pro',
    erpDbKey: 'erp-1',
    telemetryDbKey: 'telemetry-1',
    organizations: {
      'acme-print': {
        id: id(4, 1),
        name: 'Acme Print',
        workspaceRequired: true,
        workspaces: {
          'main-street': { id: id(5, 1), name: 'Main Street' },
          harbor: { id: id(5, 2), name: 'Harbor' },
        },
      },
      'acme-promo': { id: id(4, 2), name: 'Acme Promo', workspaceRequired: false, workspaces: {} },
    },
    users: [
      {
        id: id(6, 1),
        email: 'admin@acme.test',
        name: 'Ada Admin',
        role: 'tenant_admin',
        scope: 'tenant',
        defaultOrganization: 'acme-print',
        defaultWorkspace: 'main-street',
      },
      {
        id: id(6, 2),
        email: 'sales@acme.test',
        name: 'Sam Sales',
        role: 'sales',
        scope: 'organization',
        organization: 'acme-print',
        defaultOrganization: 'acme-print',
        defaultWorkspace: 'main-street',
      },
      {
        id: id(6, 3),
        email: 'press@acme.test',
        name: 'Pat Press',
        role: 'production',
        scope: 'workspace',
        organization: 'acme-print',
        workspace: 'main-street',
      },
      {
        id: id(6, 4),
        email: 'buyer@acme.test',
        name: 'Bo Buyer',
        role: 'purchasing',
        scope: 'organization',
        organization: 'acme-print',
        defaultOrganization: 'acme-print',
        defaultWorkspace: 'main-street',
        overrides: [
          { permission: 'erp.purchase_order.approve', effect: 'deny', reason: 'Whoever orders does not approve' },
        ],
      },
      {
        id: id(6, 5),
        email: 'manager@acme.test',
        name: 'Mia Manager',
        role: 'manager',
        scope: 'organization',
        organization: 'acme-print',
        defaultOrganization: 'acme-print',
        defaultWorkspace: 'main-street',
      },
    ],
  },
  globex: {
    id: id(3, 2),
    name: 'Globex Screenprint',
    status: 'active',
    plan: 'starter',
    trials: ['platform.audit'],
    erpDbKey: 'erp-2',
    telemetryDbKey: 'telemetry-1',
    organizations: {
      'globex-main': { id: id(4, 3), name: 'Globex', workspaceRequired: false, workspaces: {} },
    },
    users: [
      {
        id: id(6, 6),
        email: 'admin@globex.test',
        name: 'Gil Admin',
        role: 'tenant_admin',
        scope: 'tenant',
        defaultOrganization: 'globex-main',
      },
    ],
  },
  initech: {
    id: id(3, 3),
    name: 'Initech Embroidery',
    status: 'suspended',
    plan: 'starter',
    erpDbKey: 'erp-2',
    telemetryDbKey: null,
    organizations: {
      'initech-main': { id: id(4, 4), name: 'Initech', workspaceRequired: false, workspaces: {} },
    },
    users: [
      {
        id: id(6, 7),
        email: 'admin@initech.test',
        name: 'Ina Admin',
        role: 'tenant_admin',
        scope: 'tenant',
        defaultOrganization: 'initech-main',
      },
    ],
  },
} as const satisfies Record<string, SeedTenant>;
export type TenantSlug = keyof typeof tenants;

/** Who runs the demo platform; they sign in at `platform.<base domain>` with the demo password. */
export const platformAdmins = {
  owner: { id: id(9, 1), email: 'owner@platform.test', name: 'Olga Owner' },
  operator: { id: id(9, 2), email: 'operator@platform.test', name: 'Otto Operator' },
  auditor: { id: id(9, 3), email: 'auditor@platform.test', name: 'Aya Auditor' },
} as const satisfies Record<PlatformRole, { id: string; email: string; name: string }>;
