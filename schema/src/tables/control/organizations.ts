import {
  boolean,
  foreignKey,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { taxRoundings } from '../../contracts/internal/feed.js';
import { currency, id, oneOf, stamps } from '../columns.js';
import { tenants } from './tenants.js';

export const organizationStatuses = ['active', 'archived'] as const;
export type OrganizationStatus = (typeof organizationStatuses)[number];

export const resOrganizations = pgTable(
  'res_organizations',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    status: text().notNull().default('active'),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_organizations_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_organizations_code_key').on(t.tenant_id, t.code),
    foreignKey({ name: 'res_organizations_tenant_fkey', columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    oneOf('res_organizations', t.status, organizationStatuses),
  ],
);

export const resWorkspaces = pgTable(
  'res_workspaces',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    organization_id: uuid().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    status: text().notNull().default('active'),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_workspaces_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_workspaces_code_key').on(t.tenant_id, t.organization_id, t.code),
    // What references name, so that a workspace can't be paired with an organization that is not its own.
    unique('res_workspaces_organization_key').on(t.tenant_id, t.organization_id, t.id),
    foreignKey({
      name: 'res_workspaces_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    oneOf('res_workspaces', t.status, organizationStatuses),
  ],
);

export const resOrganizationSettings = pgTable(
  'res_organization_settings',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    organization_id: uuid().notNull(),
    workspace_required: boolean().notNull().default(false),
    currency: currency().notNull(),
    /** IANA name. */
    time_zone: text().notNull(),
    /** BCP 47. */
    locale: text().notNull(),
    tax_rounding: text().notNull().default('line'),
    quote_prefix: text().notNull(),
    order_prefix: text().notNull(),
    purchase_order_prefix: text().notNull().default('PO'),
    quote_valid_days: integer().notNull().default(30),
    /** Received beyond what was ordered before a receipt is refused, in percent. */
    receipt_tolerance_percent: numeric({ precision: 5, scale: 2 }).notNull().default('0'),
    /** What documents show of the organization. */
    legal_name: text(),
    address: jsonb(),
    tax_number: text(),
    /** A file of the organization's ERP database. */
    logo_file_id: uuid(),
    terms: text(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_organization_settings_pkey', columns: [t.tenant_id, t.id] }),
    unique('res_organization_settings_organization_key').on(t.tenant_id, t.organization_id),
    foreignKey({
      name: 'res_organization_settings_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    oneOf('res_organization_settings', t.tax_rounding, taxRoundings),
  ],
);
