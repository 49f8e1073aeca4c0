import {
  type AnyPgColumn,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { productKinds, productStatuses, variantStatuses } from '../../contracts/data/catalog.js';
import { amount, currency, id, oneOf, owner, stamps, version } from '../columns.js';

export const erpCategories = pgTable(
  'erp_categories',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    parent_id: uuid(),
    position: integer().notNull().default(0),
    version: version(),
    ...stamps(),
  },
  (t) => {
    const key: [AnyPgColumn, AnyPgColumn, AnyPgColumn] = [t.tenant_id, t.organization_id, t.id];
    return [
      primaryKey({ name: 'erp_categories_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
      unique('erp_categories_code_key').on(t.tenant_id, t.organization_id, t.code),
      foreignKey({
        name: 'erp_categories_parent_fkey',
        columns: [t.tenant_id, t.organization_id, t.parent_id],
        foreignColumns: key,
      }),
    ];
  },
);

export const erpProducts = pgTable(
  'erp_products',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    status: text().notNull().default('draft'),
    kind: text().notNull(),
    category_id: uuid(),
    tax_class: text().notNull().default('standard'),
    base_price: amount().notNull(),
    currency: currency().notNull(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_products_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_products_code_key').on(t.tenant_id, t.organization_id, t.code),
    foreignKey({
      name: 'erp_products_category_fkey',
      columns: [t.tenant_id, t.organization_id, t.category_id],
      foreignColumns: [erpCategories.tenant_id, erpCategories.organization_id, erpCategories.id],
    }),
    index('erp_products_category_idx').on(t.tenant_id, t.organization_id, t.category_id, t.id),
    oneOf('erp_products', t.status, productStatuses),
    oneOf('erp_products', t.kind, productKinds),
  ],
);

/** Sold by size, colour, …; its amounts are in the product's currency. */
export const erpProductVariants = pgTable(
  'erp_product_variants',
  {
    ...owner(),
    id: id(),
    product_id: uuid().notNull(),
    sku: text().notNull(),
    option_values: jsonb().notNull(),
    gtin: text(),
    cost: amount(),
    price_delta: amount().notNull().default('0'),
    weight_g: integer(),
    status: text().notNull().default('active'),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_product_variants_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_product_variants_sku_key').on(t.tenant_id, t.organization_id, t.sku),
    foreignKey({
      name: 'erp_product_variants_product_fkey',
      columns: [t.tenant_id, t.organization_id, t.product_id],
      foreignColumns: [erpProducts.tenant_id, erpProducts.organization_id, erpProducts.id],
    }),
    index('erp_product_variants_product_idx').on(t.tenant_id, t.organization_id, t.product_id, t.id),
    // For `sku ~>=~ $1 and sku ~<~ $2`: LIKE is not leakproof and would read every row of the organization.
    index('erp_product_variants_sku_prefix_idx').on(t.tenant_id, t.organization_id, t.sku.asc().op('text_pattern_ops')),
    oneOf('erp_product_variants', t.status, variantStatuses),
  ],
);
