import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { CalendarDate, Code, closed, Id, literals } from '../shapes.js';
import { exportConsults } from './export-permissions.js';
import { Job } from './job-shapes.js';

export const exportResources = [
  'orders',
  'order_lines',
  'payments',
  'quotes',
  'customers',
  'stock_levels',
  'purchase_orders',
] as const;
export type ExportResource = (typeof exportResources)[number];

export const exportFormats = ['csv', 'xlsx'] as const;

/** Asked for by whoever exports; some columns ask for one of another noun. */
export const exportPermissions = {
  orders: 'erp.order.read',
  order_lines: 'erp.order.read',
  payments: 'erp.order_payment.read',
  quotes: 'erp.quote.read',
  customers: 'erp.customer.read',
  stock_levels: 'erp.stock.read',
  purchase_orders: 'erp.purchase_order.read',
} as const satisfies Record<ExportResource, string>;

const Status = Type.String({ pattern: '^[a-z_]{1,32}$', examples: ['confirmed'] });

/** What lists are filtered by; each resource takes those of its own list, and the days on which its rows were made. */
export const ExportFilter = closed({
  status: Type.Optional(Status),
  payment_status: Type.Optional(Status),
  kind: Type.Optional(Status),
  method: Type.Optional(Status),
  customer_id: Type.Optional(Id),
  supplier_id: Type.Optional(Id),
  order_id: Type.Optional(Id),
  location_id: Type.Optional(Id),
  variant_id: Type.Optional(Id),
  customer_group: Type.Optional(Code),
  number_prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 64, examples: ['SO-2026-'] })),
  code_prefix: Type.Optional(Code),
  sku_prefix: Type.Optional(Code),
  due_from: Type.Optional(CalendarDate),
  due_to: Type.Optional(CalendarDate),
  received_from: Type.Optional(CalendarDate),
  received_to: Type.Optional(CalendarDate),
  /** Days by the organization's clock. */
  created_from: Type.Optional(CalendarDate),
  created_to: Type.Optional(CalendarDate),
});
export type ExportFilter = Static<typeof ExportFilter>;

export const exports = contracts('erp.exports', {
  create: {
    method: 'POST',
    path: '/api/erp/exports',
    access: requires('erp.export.create'),
    consults: exportConsults,
    summary: 'Export a list as a CSV or XLSX file',
    description: [
      'Answers the job that makes it; its `result` names the file, which GET /api/erp/files/:id/content gives for as long as the job is kept. It takes the permission to read the list, when it is asked for and again with every download. What was asked for in the whole organization is not read in a workspace.',
      'The rows are those that whoever asks sees in this context. They are read in pages, in the order in which they were made: a row is as it is when its page is read, and what is made meanwhile may be in it.',
      'CSV is UTF-8 as of RFC 4180, amounts and times as the API writes them; text that a spreadsheet would take for a formula begins with an apostrophe. In XLSX amounts are numbers, days and times (in UTC) dates, and text is text.',
    ].join('\n\n'),
    body: closed({
      resource: literals(exportResources),
      format: literals(exportFormats),
      filter: Type.Optional(ExportFilter),
      columns: Type.Optional(
        Type.Array(Type.String({ pattern: '^[a-z_]{1,40}$', examples: ['number'] }), {
          minItems: 1,
          maxItems: 40,
          uniqueItems: true,
          description: 'In this order. Without them: all that the caller may see',
        }),
      ),
      title: Type.Optional(
        Type.String({ minLength: 1, maxLength: 120, pattern: '\\S', description: 'Of the job and its file' }),
      ),
      bom: Type.Optional(
        Type.Boolean({
          default: true,
          description: 'Of CSV: begins with a byte order mark, by which spreadsheets know that it is UTF-8',
        }),
      ),
    }),
    rateClass: 'compute',
    status: 201,
    response: Job,
    errors: ['busy'],
  },
});
