import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  closed,
  Id,
  IdParams,
  Money,
  nullable,
  PositiveMoney,
  page,
  pageQuery,
  partial,
  stamps,
  Version,
} from '../shapes.js';

const SupplierSku = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['B3000-NVY-L'] });
const LeadDays = Type.Integer({ minimum: 0, maximum: 365, description: 'From the order to the door' });

/** What a supplier calls a variant, asks for it, and how long it takes them. */
export const SupplierVariant = closed({
  id: Id,
  supplier_id: Id,
  variant_id: Id,
  /** The supplier's article number; null: they use ours. */
  sku: nullable(SupplierSku),
  /** In the supplier's currency. */
  cost: Money,
  lead_days: LeadDays,
  version: Version,
  ...stamps,
});
const terms = { sku: Type.Optional(nullable(SupplierSku)), cost: PositiveMoney, lead_days: LeadDays };

export const supplierVariants = contracts('erp.supplierVariants', {
  list: {
    method: 'GET',
    path: '/api/erp/supplier-variants',
    access: requires('erp.supplier.read'),
    summary: 'List what suppliers deliver, newest first',
    query: closed({ ...pageQuery, supplier_id: Type.Optional(Id), variant_id: Type.Optional(Id) }),
    status: 200,
    response: page(SupplierVariant),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/supplier-variants/:id',
    access: requires('erp.supplier.read'),
    summary: 'Get the terms at which a supplier delivers a variant',
    params: IdParams,
    status: 200,
    response: SupplierVariant,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/supplier-variants',
    access: requires('erp.supplier.write'),
    summary: 'Say at which terms a supplier delivers a variant',
    description: 'Once for a supplier and a variant. The cost is in the currency of the supplier.',
    body: closed({ supplier_id: Id, variant_id: Id, ...terms }),
    status: 201,
    response: SupplierVariant,
    versioned: true,
    errors: ['duplicate', 'unknown_reference', 'currency_mismatch'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/supplier-variants/:id',
    access: requires('erp.supplier.write'),
    summary: 'Change the terms at which a supplier delivers a variant',
    description: 'Purchase orders that were written keep theirs.',
    params: IdParams,
    body: partial(terms),
    status: 200,
    response: SupplierVariant,
    versioned: true,
    errors: ['version_mismatch', 'currency_mismatch'],
  },
  remove: {
    method: 'DELETE',
    path: '/api/erp/supplier-variants/:id',
    access: requires('erp.supplier.write'),
    summary: 'Say that a supplier does not deliver a variant any more',
    params: IdParams,
    status: 204,
  },
});
