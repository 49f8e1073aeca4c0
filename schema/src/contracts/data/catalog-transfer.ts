import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { Code, Currency, closed, Id, literals, nullable } from '../shapes.js';
import { productStatuses } from './catalog.js';

export const maxImportBytes = 128 * 1024 * 1024;
export const maxImportRows = 500_000;
/** More are counted, not listed: an answer that grew with the file would have to wait for its reader. */
export const maxRefusedListed = 1_000;

/** The columns of a file, in the order in which an export writes them. */
export const catalogColumns = [
  'style',
  'name',
  'brand',
  'description',
  'category',
  'product_status',
  'kind',
  'tax_class',
  'sku',
  'gtin',
  'colour',
  'size',
  'options',
  'price',
  'cost',
  'currency',
  'weight_g',
  'status',
] as const;

export const rowRefusals = [
  'required',
  'invalid',
  'too_long',
  'too_many_cells',
  'gtin_invalid',
  'duplicate_sku',
  'duplicate_gtin',
  'sku_taken',
  'option_unknown',
  'currency_mismatch',
] as const;

const importExample = [
  'style,name,brand,colour,size,gtin,price,cost',
  'gi-18500,Heavy Blend Hoodie,Gildan,Navy,M,4006381333931,24.90,11.35',
  'gi-18500,,,Navy,L,,24.90,11.35',
  '',
].join('\n');

const Count = Type.Integer({ minimum: 0 });
const Counts = closed({ created: Count, updated: Count, unchanged: Count });

export const ImportLine = Type.Union([
  closed({
    type: Type.Literal('header'),
    delimiter: literals([',', ';', '\t', '|']),
    /** Each column that was understood, and what it is called in the file. */
    columns: Type.Record(Type.String(), Type.String()),
    unknown_columns: Type.Array(Type.String()),
  }),
  closed({ type: Type.Literal('progress'), rows: Count, refused: Count }),
  closed({
    type: Type.Literal('refused'),
    /** As a spreadsheet counts: the header is row 1. */
    row: Count,
    column: nullable(literals(catalogColumns)),
    code: literals(rowRefusals),
    message: Type.String(),
  }),
  closed({
    type: Type.Literal('summary'),
    dry_run: Type.Boolean(),
    rows: Count,
    products: Counts,
    variants: Counts,
    refused: Count,
    refused_listed: Count,
    /** Named in the file and not among the categories; products of them are in the one that was asked for, or in none. */
    unknown_categories: Type.Array(Type.String(), { maxItems: 100 }),
  }),
  closed({
    /** The last line instead of a summary: the rest of the file was not read. What was told before stands. */
    type: Type.Literal('failed'),
    rows: Count,
    code: Type.String(),
    message: Type.String(),
  }),
]);

export const catalog = contracts('erp.catalog', {
  import: {
    method: 'POST',
    path: '/api/erp/catalog/import',
    access: requires('erp.catalog.import'),
    summary: 'Import products and variants from a CSV file',
    description: [
      'One line for each variant, in UTF-8, separated by comma, semicolon, tab or bar. The first line names the columns; how suppliers call them is known. A style becomes a product, matched by its code; a SKU becomes a variant. An empty cell, or a column that is not there, changes nothing. What belongs to the product is taken from the first row of its style.',
      'Answers while it reads: a `header`, `progress`, `refused` rows with their reasons (a thousand are listed, the others counted), and at the end a `summary`, or `failed`. Refused rows stop no others.',
      'Rows are kept in steps of about a thousand, each whole or not at all. After a cut connection, the same file sent again completes it: what is there already is unchanged. One import runs for a tenant at a time.',
    ].join('\n\n'),
    query: closed({
      dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Writes nothing, and answers the same' })),
      currency: Type.Optional({
        ...Currency,
        description: 'Of the amounts in the file; the organization’s when absent',
      }),
      category_id: Type.Optional({ ...Id, description: 'For new products whose category is not known' }),
      product_status: Type.Optional(
        Type.Enum(['draft', 'active'], { default: 'active', description: 'Of new products' }),
      ),
      decimal: Type.Optional(
        Type.Enum(['point', 'comma'], { default: 'point', description: 'In amounts and weights' }),
      ),
      weight_unit: Type.Optional(
        Type.Enum(['g', 'kg', 'oz', 'lb'], { default: 'g', description: 'Where the column does not say' }),
      ),
    }),
    upload: { mediaType: 'text/csv', maxBytes: maxImportBytes, example: importExample },
    idempotency: 'exempt',
    rateClass: 'compute',
    status: 200,
    response: ImportLine,
    mediaType: 'application/x-ndjson',
    errors: ['currency_mismatch', 'unknown_reference', 'busy'],
  },
  export: {
    method: 'GET',
    path: '/api/erp/catalog/export',
    access: requires('erp.catalog.export'),
    summary: 'Export products and variants as a CSV file',
    description:
      'One line for each variant, as an import takes it; products without variants are left out. Cells that a spreadsheet would take for a formula begin with an apostrophe, which an import takes away again.',
    query: closed({
      product_status: Type.Optional(literals(productStatuses)),
      category_code: Type.Optional(Code),
    }),
    navigable: true,
    status: 200,
    response: Type.String(),
    mediaType: 'text/csv',
    errors: ['unknown_reference'],
  },
});
