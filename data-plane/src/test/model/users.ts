import { type PermissionCode, permissionCodes } from '@platen/schema/permissions';

/** Who works in the shop. What they may do differs; so does what they see: all of it, or one workspace's. */
export interface Role {
  readonly name: string;
  readonly workspace: 'main' | 'harbor' | null;
  readonly permissions: readonly PermissionCode[];
}

const readings = permissionCodes.filter((code) => code.endsWith('.read'));
const of = (...nouns: string[]): PermissionCode[] =>
  permissionCodes.filter((code) => nouns.some((noun) => code.startsWith(`erp.${noun}.`)));
const except = (...codes: PermissionCode[]): PermissionCode[] =>
  permissionCodes.filter((code) => !codes.includes(code));

export const roles: readonly Role[] = [
  { name: 'owner', workspace: null, permissions: permissionCodes },
  { name: 'main manager', workspace: 'main', permissions: except('erp.purchase_order.approve_own') },
  { name: 'main sales', workspace: 'main', permissions: [...readings, ...of('order', 'order_payment')] },
  {
    name: 'main press',
    workspace: 'main',
    permissions: [...readings, ...of('production_job'), 'erp.order.start', 'erp.order.ready'],
  },
  {
    name: 'main buyer',
    workspace: 'main',
    permissions: [...readings, ...of('purchase_order', 'stock')].filter(
      (code) => code !== 'erp.purchase_order.approve_own' && code !== 'erp.purchase_order.cancel',
    ),
  },
  { name: 'harbor manager', workspace: 'harbor', permissions: permissionCodes },
  { name: 'harbor manager again', workspace: 'harbor', permissions: permissionCodes },
  { name: 'auditor', workspace: null, permissions: readings },
];

/** Whose calls must never change or see anything of the shop. */
export const strangers = ['other organization', 'other tenant'] as const;
export type Stranger = (typeof strangers)[number];
