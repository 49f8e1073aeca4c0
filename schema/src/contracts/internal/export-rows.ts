import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { ExportFilter, exportFormats, exportResources } from '../data/exports.js';
import { CalendarDate, closed, Id, literals, nullable } from '../shapes.js';

/** How a cell is written; amounts and quantities are decimal text all the way. */
export const cellTypes = ['text', 'money', 'quantity', 'integer', 'date', 'datetime', 'boolean'] as const;
export type CellType = (typeof cellTypes)[number];

const ExportColumn = closed({ key: Type.String(), type: literals(cellTypes), header: Type.String() });
export type ExportColumn = Static<typeof ExportColumn>;

/** What an export's job was asked for with; all that is chosen for it is chosen then. */
export const ExportPayload = closed({
  resource: literals(exportResources),
  format: literals(exportFormats),
  filter: ExportFilter,
  columns: Type.Array(ExportColumn, { minItems: 1 }),
  file_name: Type.String(),
  sheet_name: Type.String(),
  bom: Type.Boolean(),
  /** The day at the organization when it was asked for: by it quotes have expired. */
  today: CalendarDate,
  time_zone: Type.String(),
});
export type ExportPayload = Static<typeof ExportPayload>;

export const maxExportPageRows = 1_000;

export const exportRows = contracts('internal.exportRows', {
  list: {
    method: 'GET',
    path: '/internal/tenants/:tenant_id/jobs/:id/rows',
    access: { service: 'erp.job' },
    summary: 'The next rows of a running export',
    description:
      'By the id of the row, so in the order in which they were made; each page is what is there when it is read. A cell is text as the API writes it. `total`: how many there are, with the first page.',
    params: closed({ tenant_id: Id, id: Id }),
    query: closed({
      organization_id: Id,
      workspace_id: Type.Optional(Id),
      owner: Id,
      attempt: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
      after: Type.Optional(Id),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: maxExportPageRows, default: maxExportPageRows })),
    }),
    status: 200,
    response: closed({
      rows: Type.Array(Type.Array(nullable(Type.String()))),
      /** null: these were the last. */
      next: nullable(Id),
      total: nullable(Type.Integer({ minimum: 0 })),
    }),
    errors: ['lease_lost'],
  },
});
