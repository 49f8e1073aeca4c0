import { statement } from '@platen/chassis/db/statement';
import type { Queryable } from '@platen/chassis/db/types';

/** An entry as `res_menu_items` has it. */
export interface MenuItem {
  readonly code: string;
  /** The heading's code. */
  readonly parent: string | null;
  readonly label: string;
  /** null: a heading. */
  readonly route: string | null;
  readonly icon: string | null;
  readonly module: string;
  readonly permission: string | null;
  readonly upsell: boolean;
}

/** Every write of an entry sets `updated_at`. */
const findVersion = statement<{ version: string }>(
  'menu_find_version',
  `select md5(coalesce(string_agg(concat(id, updated_at), ',' order by id), '')) as version from res_menu_items`,
);

/** Another one whenever an entry has changed, come or gone. */
export async function findMenuVersion(db: Queryable): Promise<string> {
  const [row] = await db.query(findVersion);
  return row?.version ?? '';
}

const list = statement<{ items: string }>(
  'menu_list_items',
  `select coalesce(json_agg(json_build_object('code', i.code, 'parent', h.code, 'label', i.label, 'route', i.route,
       'icon', i.icon, 'module', m.code, 'permission', p.code, 'upsell', i.upsell) order by i.position, i.code), '[]') as items
   from res_menu_items i
   join platform_product_modules m on m.id = i.module_id
   left join res_menu_items h on h.id = i.parent_id
   left join res_permissions p on p.id = i.permission_id`,
);

/** JSON text of `MenuItem[]`, in order. */
export async function listMenuItems(db: Queryable): Promise<string> {
  const [row] = await db.query(list);
  return row?.items ?? '[]';
}
