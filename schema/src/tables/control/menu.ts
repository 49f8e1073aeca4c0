import { boolean, foreignKey, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { id, stamps } from '../columns.js';
import { platformProductModules } from './plans.js';
import { resPermissions } from './roles.js';

/** The menu's entries, seeded from `menu.ts`: the same for every tenant; what each user sees of it is decided per request. */
export const resMenuItems = pgTable(
  'res_menu_items',
  {
    id: id(),
    code: text().notNull(),
    parent_id: uuid(),
    module_id: uuid().notNull(),
    /** null: for everybody who has the module. */
    permission_id: uuid(),
    label: text().notNull(),
    /** A path of the front end; null: a heading. */
    route: text(),
    icon: text(),
    position: integer().notNull(),
    /** Shown as blocked, rather than left out, to a tenant that lacks the module. */
    upsell: boolean().notNull().default(false),
    ...stamps(),
  },
  (t) => [
    primaryKey({ name: 'res_menu_items_pkey', columns: [t.id] }),
    unique('res_menu_items_code_key').on(t.code),
    foreignKey({ name: 'res_menu_items_parent_fkey', columns: [t.parent_id], foreignColumns: [t.id] }),
    foreignKey({
      name: 'res_menu_items_module_fkey',
      columns: [t.module_id],
      foreignColumns: [platformProductModules.id],
    }),
    foreignKey({
      name: 'res_menu_items_permission_fkey',
      columns: [t.permission_id],
      foreignColumns: [resPermissions.id],
    }),
  ],
);
