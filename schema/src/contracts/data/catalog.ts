import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  Code,
  closed,
  Id,
  IdParams,
  literals,
  Money,
  Name,
  nullable,
  PositiveMoney,
  page,
  pageQuery,
  partial,
  stamps,
  Version,
} from '../shapes.js';

export const productStatuses = ['draft', 'active', 'archived'] as const;
export const productKinds = ['blank', 'service', 'decorated'] as const;
export const variantStatuses = ['active', 'archived'] as const;

const Sku = Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._/-]*$' });
const Gtin = Type.String({ pattern: '^(\\d{8}|\\d{12,14})$', examples: ['4006381333931'] });
const OptionValues = Type.Record(
  Type.String({ minLength: 1, maxLength: 32 }),
  Type.String({ minLength: 1, maxLength: 64 }),
  { maxProperties: 8 },
);

export const Category = closed({
  id: Id,
  code: Code,
  name: Name,
  parent_id: nullable(Id),
  position: Type.Integer(),
  version: Version,
  ...stamps,
});
export const Variant = closed({
  id: Id,
  product_id: Id,
  sku: Sku,
  option_values: OptionValues,
  gtin: nullable(Gtin),
  cost: nullable(Money),
  /** Added to the product's base price. */
  price_delta: Money,
  weight_g: nullable(Type.Integer()),
  status: literals(variantStatuses),
  version: Version,
  ...stamps,
});
export const Product = closed({
  id: Id,
  code: Code,
  name: Name,
  status: literals(productStatuses),
  kind: literals(productKinds),
  category_id: nullable(Id),
  tax_class: Code,
  base_price: Money,
  version: Version,
  ...stamps,
});

const categoryFields = {
  code: Code,
  name: Name,
  parent_id: Type.Optional(nullable(Id)),
  position: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
};
const productFields = {
  code: Code,
  name: Name,
  status: Type.Optional(literals(productStatuses)),
  kind: literals(productKinds),
  category_id: Type.Optional(nullable(Id)),
  tax_class: Type.Optional(Code),
  base_price: PositiveMoney,
};
const variantFields = {
  sku: Sku,
  option_values: OptionValues,
  gtin: Type.Optional(nullable(Gtin)),
  cost: Type.Optional(nullable(PositiveMoney)),
  price_delta: Type.Optional(Money),
  weight_g: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 }))),
  status: Type.Optional(literals(variantStatuses)),
};

export const categories = contracts('erp.categories', {
  list: {
    method: 'GET',
    path: '/api/erp/categories',
    access: requires('erp.category.read'),
    summary: 'List categories, oldest first',
    query: closed(pageQuery),
    status: 200,
    response: page(Category),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/categories/:id',
    access: requires('erp.category.read'),
    summary: 'Get a category',
    params: IdParams,
    status: 200,
    response: Category,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/categories',
    access: requires('erp.category.write'),
    summary: 'Create a category',
    body: closed(categoryFields),
    status: 201,
    response: Category,
    versioned: true,
    errors: ['duplicate', 'unknown_reference'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/categories/:id',
    access: requires('erp.category.write'),
    summary: 'Change a category',
    params: IdParams,
    body: partial(categoryFields),
    status: 200,
    response: Category,
    versioned: true,
    errors: ['duplicate', 'unknown_reference', 'category_cycle', 'version_mismatch'],
  },
});

export const products = contracts('erp.products', {
  list: {
    method: 'GET',
    path: '/api/erp/products',
    access: requires('erp.product.read'),
    summary: 'List products, newest first',
    query: closed({ ...pageQuery, status: Type.Optional(literals(productStatuses)), category_id: Type.Optional(Id) }),
    status: 200,
    response: page(Product),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/products/:id',
    access: requires('erp.product.read'),
    summary: 'Get a product',
    params: IdParams,
    status: 200,
    response: Product,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/products',
    access: requires('erp.product.write'),
    summary: 'Create a product',
    body: closed(productFields),
    status: 201,
    response: Product,
    versioned: true,
    errors: ['duplicate', 'unknown_reference', 'currency_mismatch'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/products/:id',
    access: requires('erp.product.write'),
    summary: 'Change a product',
    params: IdParams,
    body: partial(productFields),
    status: 200,
    response: Product,
    versioned: true,
    errors: ['duplicate', 'unknown_reference', 'currency_mismatch', 'version_mismatch'],
  },
});

export const variants = contracts('erp.variants', {
  search: {
    method: 'GET',
    path: '/api/erp/variants',
    access: requires('erp.product.read'),
    summary: 'Find variants by SKU prefix, in the order of their SKUs',
    query: closed({ ...pageQuery, sku_prefix: Type.Optional(Sku), status: Type.Optional(literals(variantStatuses)) }),
    status: 200,
    response: page(Variant),
    paged: true,
  },
  list: {
    method: 'GET',
    path: '/api/erp/products/:id/variants',
    access: requires('erp.product.read'),
    summary: 'List the variants of a product, oldest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(Variant),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/products/:id/variants',
    access: requires('erp.product.write'),
    summary: 'Add a variant to a product',
    params: IdParams,
    body: closed(variantFields),
    status: 201,
    response: Variant,
    versioned: true,
    errors: ['duplicate', 'currency_mismatch'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/variants/:id',
    access: requires('erp.product.write'),
    summary: 'Change a variant',
    params: IdParams,
    body: partial(variantFields),
    status: 200,
    response: Variant,
    versioned: true,
    errors: ['duplicate', 'currency_mismatch', 'version_mismatch'],
  },
});
