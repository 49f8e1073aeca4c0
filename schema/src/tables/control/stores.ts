import { foreignKey, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { id, stamps } from '../columns.js';
import { resOrganizations, resWorkspaces } from './organizations.js';
import { tenantDomains } from './tenants.js';

/** A storefront: its host pins the organization, and the workspace if it names one. */
export const tenantStores = pgTable(
  'tenant_stores',
  {
    tenant_id: uuid().notNull(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    domain_id: uuid().notNull(),
    organization_id: uuid().notNull(),
    workspace_id: uuid(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'tenant_stores_pkey', columns: [t.tenant_id, t.id] }),
    unique('tenant_stores_code_key').on(t.tenant_id, t.code),
    unique('tenant_stores_domain_key').on(t.tenant_id, t.domain_id),
    foreignKey({
      name: 'tenant_stores_domain_fkey',
      columns: [t.tenant_id, t.domain_id],
      foreignColumns: [tenantDomains.tenant_id, tenantDomains.id],
    }),
    foreignKey({
      name: 'tenant_stores_organization_fkey',
      columns: [t.tenant_id, t.organization_id],
      foreignColumns: [resOrganizations.tenant_id, resOrganizations.id],
    }),
    foreignKey({
      name: 'tenant_stores_workspace_fkey',
      columns: [t.tenant_id, t.organization_id, t.workspace_id],
      foreignColumns: [resWorkspaces.tenant_id, resWorkspaces.organization_id, resWorkspaces.id],
    }),
  ],
);
