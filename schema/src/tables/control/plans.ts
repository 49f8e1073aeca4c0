import { bigint, foreignKey, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { limitCodes } from '../../modules.js';
import { id, oneOf, stamps } from '../columns.js';

/** What is sold. Seeded from the catalogue in `modules.ts`. */
export const platformProducts = pgTable(
  'platform_products',
  { id: id(), code: text().notNull(), name: text().notNull(), position: integer().notNull(), ...stamps() },
  (t) => [
    primaryKey({ name: 'platform_products_pkey', columns: [t.id] }),
    unique('platform_products_code_key').on(t.code),
  ],
);

export const platformProductModules = pgTable(
  'platform_product_modules',
  {
    id: id(),
    product_id: uuid().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    /** Environment variable that switches the module off for a whole installation. */
    feature_flag: text(),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_product_modules_pkey', columns: [t.id] }),
    unique('platform_product_modules_code_key').on(t.code),
    foreignKey({
      name: 'platform_product_modules_product_fkey',
      columns: [t.product_id],
      foreignColumns: [platformProducts.id],
    }),
  ],
);

export const platformPlans = pgTable(
  'platform_plans',
  { id: id(), code: text().notNull(), name: text().notNull(), ...stamps() },
  (t) => [primaryKey({ name: 'platform_plans_pkey', columns: [t.id] }), unique('platform_plans_code_key').on(t.code)],
);

export const platformPlanModules = pgTable(
  'platform_plan_modules',
  { plan_id: uuid().notNull(), module_id: uuid().notNull(), ...stamps() },
  (t) => [
    primaryKey({ name: 'platform_plan_modules_pkey', columns: [t.plan_id, t.module_id] }),
    foreignKey({
      name: 'platform_plan_modules_plan_fkey',
      columns: [t.plan_id],
      foreignColumns: [platformPlans.id],
    }),
    foreignKey({
      name: 'platform_plan_modules_module_fkey',
      columns: [t.module_id],
      foreignColumns: [platformProductModules.id],
    }),
  ],
);

export const platformPlanLimits = pgTable(
  'platform_plan_limits',
  {
    plan_id: uuid().notNull(),
    limit_code: text().notNull(),
    /** null: unlimited. */
    value: bigint({ mode: 'bigint' }),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'platform_plan_limits_pkey', columns: [t.plan_id, t.limit_code] }),
    foreignKey({
      name: 'platform_plan_limits_plan_fkey',
      columns: [t.plan_id],
      foreignColumns: [platformPlans.id],
    }),
    oneOf('platform_plan_limits', t.limit_code, limitCodes),
  ],
);
