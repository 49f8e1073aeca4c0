import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, literals, nullable } from '../shapes.js';
import { decidedBys } from './access-modules.js';

const link = {
  code: Type.String(),
  label: Type.String(),
  /** A path of the front end; null: a heading. */
  route: nullable(Type.String()),
  icon: nullable(Type.String()),
  module: Type.String(),
  /** The tenant lacks the module: something to buy. */
  blocked: Type.Boolean(),
  /** Which layer says so; null: not blocked. */
  blocked_by: nullable(literals(decidedBys)),
};
export const MenuLink = closed(link);
export const MenuEntry = closed({ ...link, children: Type.Array(MenuLink) });

export const menu = contracts('menu', {
  get: {
    method: 'GET',
    path: '/api/menu',
    access: 'self',
    summary: 'The menu of the caller in this context',
    description:
      'Entries that the caller may use; of a module that the tenant lacks, those worth showing come with `blocked: true`. Keep it for `cache_ttl_seconds`, then ask with `If-None-Match`.',
    status: 200,
    response: closed({
      items: Type.Array(MenuEntry),
      cache_ttl_seconds: Type.Integer(),
    }),
    tagged: true,
  },
});
