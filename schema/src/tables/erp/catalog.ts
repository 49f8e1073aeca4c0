import { sql } from 'drizzle-orm';
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
import { amount, currency, id, oneOf, owner, searchWords, sha256, stamps, version } from '../columns.js';
import { erpCustomers } from './customers.js';
import { erpFiles } from './files.js';

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
    brand: text(),
    description: text(),
    /** The options its variants differ in: `[{name, values}]`, in the order people choose. Empty: whatever variants say. */
    options: jsonb().notNull().default(sql`'[]'::jsonb`),
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
    index('erp_products_status_idx').on(t.tenant_id, t.organization_id, t.status, t.id),
    index('erp_products_brand_idx').on(t.tenant_id, t.organization_id, t.brand, t.id),
    index('erp_products_code_prefix_idx').on(t.tenant_id, t.organization_id, t.code.asc().op('text_pattern_ops'), t.id),
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
    /** Of the product and of the variant; each begins with its organization's mark (routines.ts). */
    search: searchWords(),
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
    // Few among many: without it a search for them would walk past all others.
    index('erp_product_variants_archived_idx')
      .on(t.tenant_id, t.organization_id, t.sku.asc().op('text_pattern_ops'))
      .where(sql`status = 'archived'`),
    index('erp_product_variants_search_idx').using('gin', t.search),
    oneOf('erp_product_variants', t.status, variantStatuses),
  ],
);

/**
 * By which the search passes over products: the words of all variants that one ever had but for their GTINs, and the ends
 * of their SKUs. Triggers widen it and nothing narrows it: it may name a product too many, never one too few (search.ts).
 */
export const erpProductSearch = pgTable(
  'erp_product_search',
  {
    tenant_id: uuid().notNull(),
    organization_id: uuid().notNull(),
    product_id: uuid().notNull(),
    least_sku: text().notNull(),
    greatest_sku: text().notNull(),
    search: searchWords().notNull(),
  },
  (t) => [
    primaryKey({ name: 'erp_product_search_pkey', columns: [t.tenant_id, t.organization_id, t.product_id] }),
    foreignKey({
      name: 'erp_product_search_product_fkey',
      columns: [t.tenant_id, t.organization_id, t.product_id],
      foreignColumns: [erpProducts.tenant_id, erpProducts.organization_id, erpProducts.id],
    }).onDelete('cascade'),
    index('erp_product_search_search_idx').using('gin', t.search),
  ],
);

export const erpProductImages = pgTable(
  'erp_product_images',
  {
    ...owner(),
    id: id(),
    product_id: uuid().notNull(),
    file_id: uuid().notNull(),
    position: integer().notNull(),
    alt: text().notNull(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_product_images_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    foreignKey({
      name: 'erp_product_images_product_fkey',
      columns: [t.tenant_id, t.organization_id, t.product_id],
      foreignColumns: [erpProducts.tenant_id, erpProducts.organization_id, erpProducts.id],
    }),
    foreignKey({
      name: 'erp_product_images_file_fkey',
      columns: [t.tenant_id, t.organization_id, t.file_id],
      foreignColumns: [erpFiles.tenant_id, erpFiles.organization_id, erpFiles.id],
    }),
    index('erp_product_images_product_idx').on(t.tenant_id, t.organization_id, t.product_id, t.position, t.id),
    index('erp_product_images_file_idx').on(t.tenant_id, t.organization_id, t.file_id, t.id),
  ],
);

/** Artwork. What is printed is what `hash` says: a new file is a new version, and production compares. */
export const erpDesigns = pgTable(
  'erp_designs',
  {
    ...owner(),
    id: id(),
    code: text().notNull(),
    name: text().notNull(),
    /** Whose it is; null: the shop's own. */
    customer_id: uuid(),
    /** The artwork; null: still to come. */
    file_id: uuid(),
    colours: integer(),
    stitches: integer(),
    width_mm: integer(),
    height_mm: integer(),
    /** SHA-256 of the artwork's bytes. */
    hash: sha256(),
    version: version(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'erp_designs_pkey', columns: [t.tenant_id, t.organization_id, t.id] }),
    unique('erp_designs_code_key').on(t.tenant_id, t.organization_id, t.code),
    foreignKey({
      name: 'erp_designs_customer_fkey',
      columns: [t.tenant_id, t.organization_id, t.customer_id],
      foreignColumns: [erpCustomers.tenant_id, erpCustomers.organization_id, erpCustomers.id],
    }),
    foreignKey({
      name: 'erp_designs_file_fkey',
      columns: [t.tenant_id, t.organization_id, t.file_id],
      foreignColumns: [erpFiles.tenant_id, erpFiles.organization_id, erpFiles.id],
    }),
    index('erp_designs_code_prefix_idx').on(t.tenant_id, t.organization_id, t.code.asc().op('text_pattern_ops'), t.id),
    index('erp_designs_customer_idx').on(t.tenant_id, t.organization_id, t.customer_id, t.id),
    index('erp_designs_file_idx').on(t.tenant_id, t.organization_id, t.file_id, t.id),
  ],
);
