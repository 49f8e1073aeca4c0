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
  Text,
  Version,
} from '../shapes.js';

export const productStatuses = ['draft', 'active', 'archived'] as const;
export const productKinds = ['blank', 'service', 'decorated'] as const;
/** Variants that one request makes. */
export const maxGenerated = 500;
export const variantStatuses = ['active', 'archived'] as const;

const Sku = Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._/-]*$' });
const Gtin = Type.String({ pattern: '^(\\d{8}|\\d{12,14})$', examples: ['4006381333931'] });
const OptionName = Type.String({ minLength: 1, maxLength: 32 });
const OptionValue = Type.String({ minLength: 1, maxLength: 64 });
const OptionValues = Type.Record(OptionName, OptionValue, { maxProperties: 8 });
/** What variants differ in, in the order in which people choose. */
const Options = Type.Array(
  closed({ name: OptionName, values: Type.Array(OptionValue, { minItems: 1, maxItems: 200, uniqueItems: true }) }),
  { maxItems: 8, description: 'Without any, variants say whatever they like; with some, each variant says them all' },
);
const Brand = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['Gildan'] });

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
  brand: nullable(Brand),
  description: nullable(Text),
  options: Options,
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
  brand: Type.Optional(nullable(Brand)),
  description: Type.Optional(nullable(Text)),
  options: Type.Optional(Options),
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
    query: closed({
      ...pageQuery,
      parent_id: Type.Optional(
        Type.String({
          pattern: '^(none|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$',
          description: 'Children of this one; `none`: those at the top',
        }),
      ),
    }),
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
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(productStatuses)),
      category_id: Type.Optional(Id),
      brand: Type.Optional(Brand),
      code_prefix: Type.Optional({ ...Code, description: 'Lists in the order of the codes then' }),
    }),
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
    description: 'Options that variants still in use have are not taken away: archive those first.',
    errors: ['duplicate', 'unknown_reference', 'currency_mismatch', 'version_mismatch', 'in_use'],
  },
});

export const variants = contracts('erp.variants', {
  search: {
    method: 'GET',
    path: '/api/erp/variants',
    access: requires('erp.product.read'),
    summary: 'Find variants by words or SKU prefix, in the order of their SKUs',
    description:
      'Every word of `q` is looked for in the name, brand and code of the product and in the SKU, options and GTIN of the variant, of the last one its beginning.',
    query: closed({
      ...pageQuery,
      q: Type.Optional(Type.String({ minLength: 1, maxLength: 200, examples: ['gildan hoodie navy'] })),
      sku_prefix: Type.Optional(Sku),
      status: Type.Optional(literals(variantStatuses)),
      product_status: Type.Optional(literals(productStatuses)),
      category_id: Type.Optional(Id),
    }),
    status: 200,
    response: page(Variant),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/variants/:id',
    access: requires('erp.product.read'),
    summary: 'Get a variant',
    params: IdParams,
    status: 200,
    response: Variant,
    versioned: true,
  },
  generate: {
    method: 'POST',
    path: '/api/erp/products/:id/variants/generate',
    access: requires('erp.product.write'),
    summary: 'Make the variants that the options of a product lack',
    description:
      'One for each combination of the options that no variant has, archived ones included. The pattern names parts in braces: `{code}` is the product’s, any other an option’s value in the spelling of codes.',
    params: IdParams,
    body: closed({
      sku_pattern: Type.String({ minLength: 1, maxLength: 200, examples: ['{code}-{colour}-{size}'] }),
      only: Type.Optional(
        Type.Record(OptionName, Type.Array(OptionValue, { minItems: 1, maxItems: 200 }), {
          maxProperties: 8,
          description: 'Combinations of these values alone',
        }),
      ),
      cost: Type.Optional(PositiveMoney),
      price_delta: Type.Optional(Money),
    }),
    status: 200,
    response: closed({
      created: Type.Array(Variant, { maxItems: maxGenerated }),
      /** Combinations that a variant had already. */
      existing: Type.Integer(),
    }),
    errors: ['duplicate', 'currency_mismatch'],
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
