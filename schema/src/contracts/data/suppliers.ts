import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  Code,
  Currency,
  closed,
  Email,
  Id,
  IdParams,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Version,
} from '../shapes.js';
import { Address } from './customers.js';

const Addresses = Type.Array(Address, { maxItems: 20 });

export const Supplier = closed({
  id: Id,
  code: Code,
  name: Name,
  email: nullable(Email),
  /** In which it is ordered from them. */
  currency: Currency,
  addresses: Addresses,
  version: Version,
  ...stamps,
});
const fields = {
  code: Code,
  name: Name,
  email: Type.Optional(nullable(Email)),
  currency: Type.Optional(Currency),
  addresses: Type.Optional(Addresses),
};

export const suppliers = contracts('erp.suppliers', {
  list: {
    method: 'GET',
    path: '/api/erp/suppliers',
    access: requires('erp.supplier.read'),
    summary: 'List suppliers, newest first',
    query: closed({
      ...pageQuery,
      code_prefix: Type.Optional({ ...Code, description: 'Lists in the order of the codes then' }),
    }),
    status: 200,
    response: page(Supplier),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/suppliers/:id',
    access: requires('erp.supplier.read'),
    summary: 'Get a supplier',
    params: IdParams,
    status: 200,
    response: Supplier,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/suppliers',
    access: requires('erp.supplier.write'),
    summary: 'Create a supplier',
    body: closed(fields),
    status: 201,
    response: Supplier,
    versioned: true,
    errors: ['duplicate'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/suppliers/:id',
    access: requires('erp.supplier.write'),
    summary: 'Change a supplier',
    description: 'The currency stays while the supplier has terms for variants: their costs are in it.',
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: Supplier,
    versioned: true,
    errors: ['duplicate', 'version_mismatch', 'in_use'],
  },
});
