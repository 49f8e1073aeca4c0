import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  Code,
  Currency,
  closed,
  Email,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  postalAddress,
  stamps,
  Version,
} from '../shapes.js';

export const addressKinds = ['billing', 'shipping'] as const;
export const Address = closed({
  kind: literals(addressKinds),
  recipient: Type.Optional(Type.String({ maxLength: 200 })),
  ...postalAddress,
});
const Addresses = Type.Array(Address, { maxItems: 20 });

export const Customer = closed({
  id: Id,
  code: Code,
  name: Name,
  email: nullable(Email),
  customer_group: nullable(Code),
  tax_exempt: Type.Boolean(),
  currency: Currency,
  addresses: Addresses,
  version: Version,
  ...stamps,
});
const fields = {
  code: Code,
  name: Name,
  email: Type.Optional(nullable(Email)),
  customer_group: Type.Optional(nullable(Code)),
  tax_exempt: Type.Optional(Type.Boolean()),
  currency: Type.Optional(Currency),
  addresses: Type.Optional(Addresses),
};

export const customers = contracts('erp.customers', {
  list: {
    method: 'GET',
    path: '/api/erp/customers',
    access: requires('erp.customer.read'),
    summary: 'List customers, newest first',
    query: closed({
      ...pageQuery,
      customer_group: Type.Optional(Code),
      code_prefix: Type.Optional({ ...Code, description: 'Lists in the order of the codes then' }),
    }),
    status: 200,
    response: page(Customer),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/customers/:id',
    access: requires('erp.customer.read'),
    summary: 'Get a customer',
    params: IdParams,
    status: 200,
    response: Customer,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/customers',
    access: requires('erp.customer.write'),
    summary: 'Create a customer',
    body: closed(fields),
    status: 201,
    response: Customer,
    versioned: true,
    errors: ['duplicate'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/customers/:id',
    access: requires('erp.customer.write'),
    summary: 'Change a customer',
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: Customer,
    versioned: true,
    errors: ['duplicate', 'version_mismatch'],
  },
});
