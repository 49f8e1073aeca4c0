import { Type } from 'typebox';
import { contracts } from '../../contract.js';
import { closed, Id, IdParams, Name, nullable, partial, stamps } from '../shapes.js';

export const Product = closed({
  id: Id,
  code: Type.String(),
  name: Name,
  position: Type.Integer(),
  ...stamps,
});
export const Module = closed({
  id: Id,
  code: Type.String(),
  name: Name,
  /** Environment variable that switches it off for the whole installation, and whether it is on here. */
  feature_flag: nullable(Type.String()),
  enabled_here: Type.Boolean(),
});

export const products = contracts('platform.products', {
  list: {
    method: 'GET',
    path: '/platform/products',
    access: { platform: 'auditor' },
    summary: 'List what is sold, in the order of display',
    status: 200,
    response: closed({ items: Type.Array(Product) }),
  },
  get: {
    method: 'GET',
    path: '/platform/products/:id',
    access: { platform: 'auditor' },
    summary: 'Get a product',
    params: IdParams,
    status: 200,
    response: Product,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/platform/products/:id',
    access: { platform: 'operator' },
    summary: 'Rename a product or move it in the order of display',
    params: IdParams,
    body: partial({ name: Name, position: Type.Integer({ minimum: 0, maximum: 10_000 }) }),
    status: 200,
    response: Product,
    errors: ['not_found'],
  },
  modules: {
    method: 'GET',
    path: '/platform/products/:id/modules',
    access: { platform: 'auditor' },
    summary: 'List the modules of a product',
    params: IdParams,
    status: 200,
    response: closed({ items: Type.Array(Module) }),
    errors: ['not_found'],
  },
});
