import { implementer } from '@platen/chassis/http/implement';
import type { Implementation } from '@platen/chassis/http/types';
import { menu } from '@platen/schema/contracts/control/menu';
import type { TenantEntry } from '../tenants/index.js';
import type { MenuService } from './service.js';

const implement = implementer<TenantEntry>();

export const menuRoutes = (service: MenuService): Implementation<TenantEntry>[] => [
  implement(menu.get, ({ ctx }) => service.getMenu(ctx)),
];
